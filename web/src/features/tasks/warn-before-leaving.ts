import { getOverlay } from './pending-changes.ts';

/** Has the browser ask before the tab is closed while changes are still on their way to the server. */
export function warnBeforeLeaving(): () => void {
  const warn = (event: BeforeUnloadEvent) => {
    if (getOverlay().changes.length > 0) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  return () => window.removeEventListener('beforeunload', warn);
}
