import { en } from './messages/en.ts';

/** The shape that every language fills in. */
export type Messages = typeof en;

/** The words of the page, in its language. */
export const messages: Messages = en;

/** The locale for dates and numbers: the person's own variant of the page's language, where the browser names one. */
export const locale: string =
  navigator.languages.find((tag) => tag.split('-')[0] === messages.language) ?? messages.language;
