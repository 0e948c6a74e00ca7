import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { BlankState } from '../ui/blank-state.tsx';
import { buttonClasses } from '../ui/button.tsx';
import { Wordmark } from '../ui/wordmark.tsx';
import { messages } from './messages.ts';
import { usePageTitle } from './use-page-title.ts';

/** What an address without a page shows. */
export function NotFoundPage() {
  usePageTitle(messages.notFound.title);
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col items-center justify-center">
      <Wordmark name={messages.product} />
      <BlankState
        as="h1"
        icon={<Compass />}
        title={messages.notFound.title}
        text={messages.notFound.text}
      >
        <Link to="/" className={buttonClasses('primary')}>
          {messages.page.toTasks}
        </Link>
      </BlankState>
    </main>
  );
}
