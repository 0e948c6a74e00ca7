import { useEffect, useEffectEvent, useRef } from 'react';
import { announce } from '../../shell/announcer.tsx';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import type { useTaskList } from './task-queries.ts';

const words = messages.tasks;

/** How far below the window's edge the end of the list may be when the next page is fetched. */
const AHEAD = '600px';

interface LoadMoreProps {
  query: ReturnType<typeof useTaskList>['query'];
  shownCount: number;
}

/** The end of a list that goes on: fetches the next page when it comes near, and on request. */
export function LoadMore({ query, shownCount }: LoadMoreProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  const ref = useRef<HTMLDivElement>(null);

  const load = useEffectEvent(() => {
    if (!query.isFetching) void query.fetchNextPage();
  });
  useEffect(() => {
    if (!ref.current || isFetchNextPageError || shownCount === 0) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && load(),
      { rootMargin: AHEAD },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isFetchNextPageError, shownCount]);

  const announceLoaded = useEffectEvent(() => announce(words.loadedMore(shownCount)));
  const pageCount = query.data?.pages.length ?? 0;
  useEffect(() => {
    if (pageCount > 1) announceLoaded();
  }, [pageCount]);

  if (!hasNextPage) return null;
  return (
    <div ref={ref} className="flex flex-col items-center gap-2 py-6">
      {isFetchNextPageError && (
        <p role="alert" className="text-center text-meta text-danger">
          {words.moreErrorTitle} {describeError(query.error)}
        </p>
      )}
      <Button
        aria-disabled={isFetchingNextPage}
        onClick={() => void query.fetchNextPage({ cancelRefetch: false })}
      >
        {isFetchingNextPage ? words.loadingMore : words.loadMore}
      </Button>
    </div>
  );
}
