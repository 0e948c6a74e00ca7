/** `target` if it is a path of this origin, else `/`: nobody is led elsewhere by a crafted link to the sign-in page. */
export function safeRedirectPath(target: string | undefined, origin: string): string {
  if (!target?.startsWith('/')) return '/';
  try {
    const url = new URL(target, origin);
    if (url.origin !== origin) return '/';
    const path = url.pathname + url.search + url.hash;
    return path.startsWith('//') ? '/' : path;
  } catch {
    return '/';
  }
}
