import { DocketSign } from '../ui/wordmark.tsx';
import { messages } from './messages.ts';

/** Shown until it is known whether somebody is signed in: the header's place is taken, nothing else. */
export function StartingPage() {
  return (
    <main aria-busy="true">
      <h1 className="sr-only">{messages.page.starting}</h1>
      <div className="mx-auto flex h-14 max-w-[76rem] items-center px-4 sm:px-6">
        <DocketSign className="size-6" />
      </div>
    </main>
  );
}
