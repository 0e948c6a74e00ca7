import { useEffect } from 'react';
import { messages } from './messages.ts';

/** Names the tab after the page. */
export function usePageTitle(page: string): void {
  useEffect(() => {
    document.title = messages.page.title(page);
  }, [page]);
}
