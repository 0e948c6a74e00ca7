import { account } from './en/account.ts';
import { providers } from './en/providers.ts';
import { connected, fresh, merges, settings } from './en/settings.ts';
import { panel, shortcuts, tasks } from './en/tasks.ts';
import { count } from './en/words.ts';

/** English words. Another language is a file beside this one with the same shape. */
export const en = {
  language: 'en',
  product: 'Docket',

  page: {
    title: (page: string) => `${page} · Docket`,
    starting: 'Opening Docket',
    skipToContent: 'Skip to the tasks',
    notifications: 'Notifications',
    dismiss: 'Dismiss',
    close: 'Close',
    tryAgain: 'Try again',
    toTasks: 'Go to your tasks',
  },

  menu: {
    nameless: 'You',
    open: (initials: string, name: string) => `${initials}: ${name}, your account`,
    label: 'Your account',
    settings: 'Settings',
    shortcuts: 'Keyboard shortcuts',
    signOut: 'Sign out',
    signOutFailed: 'You are still signed in',
  },

  connection: {
    offline: 'You are offline.',
    offlineHint: 'Changes are sent when the connection is back. Keep this tab open until then.',
    unreachableTitle: 'Docket can’t be reached',
    unreachableText: 'The server doesn’t answer. It may be restarting; this page keeps trying.',
    offlineText: 'You are offline. This page opens as soon as the connection is back.',
  },

  notFound: {
    title: 'There is nothing at this address',
    text: 'The link may be old, or a letter got lost on the way.',
  },

  crash: {
    title: 'This page stopped working',
    text: 'That is our fault, and nothing you saved is lost. Loading the page again usually helps.',
    reload: 'Load again',
  },

  errors: {
    unreachable: 'The server can’t be reached.',
    server: 'The server had a problem.',
    limited: 'Too many requests at once.',
    limitedFor: (seconds: number) =>
      `Too many requests. Try again in ${count(seconds, 'second', 'seconds')}.`,
    /** The server says what a field is or must be, as the rest of a sentence. */
    field: (detail: string) => `This ${detail}.`,
    busy: 'The server is busy at the moment.',
    sessionEnded: 'Your session has ended.',
    sessionChanged: 'Somebody else has signed in in this browser.',
    taskNotFound: 'This task no longer exists.',
    taskChanged: 'The task was changed elsewhere meanwhile.',
    other: 'Something unexpected happened.',
  },

  account,
  providers,
  settings,
  connected,
  fresh,
  merges,
  tasks,
  panel,
  shortcuts,
};
