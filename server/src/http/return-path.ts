/** The start page of the web application. */
const HOME = '/';

/**
 * A text as a path of the web application; `/` where it leads anywhere else, such as to another origin, back
 * to the API or into the sign-in pages.
 */
export function returnPathOf(text: string | undefined): string {
  if (!text?.startsWith('/') || /[\\\p{Cc}]/u.test(text)) return HOME;
  const origin = 'http://here.invalid';
  if (!URL.canParse(text, origin)) return HOME;
  const url = new URL(text, origin);
  const path = url.pathname + url.search + url.hash;
  const isElsewhere = url.origin !== origin || path.startsWith('//');
  const isNoPage = /^\/(api|login|register|logout)(\/|$)/i.test(url.pathname);
  return isElsewhere || isNoPage ? HOME : path;
}
