import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { AppHeader } from '../../shell/app-header.tsx';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { ArrivalNotice } from './arrival-notice.tsx';
import { ConnectedAccounts } from './connected-accounts.tsx';
import { FreshDialog } from './fresh-dialog.tsx';
import { Merges } from './merges.tsx';
import { connectedQuery } from './security-queries.ts';
import { useFresh } from './use-fresh.ts';

const words = messages.settings;
const route = getRouteApi('/app/settings/security');

/** How one signs in. */
export function SecurityPage() {
  usePageTitle(words.page);
  const { arrival } = route.useRouteContext();
  const { run, question } = useFresh();
  const { isPending } = useQuery(connectedQuery);
  return (
    <>
      <AppHeader />
      <main className="mx-auto w-full max-w-[46rem] px-4 pt-6 pb-28 sm:px-6">
        <Link
          to="/"
          className="-ml-1 inline-flex min-h-9 items-center gap-1.5 rounded-lg px-1 text-meta font-medium text-ink-soft hover:text-ink"
        >
          <ArrowLeft aria-hidden="true" className="size-4" />
          {words.toTasks}
        </Link>
        <h1 className="mt-2 text-[1.5rem] leading-8 font-semibold tracking-[-0.02em]">
          {words.page}
        </h1>
        {arrival && <ArrivalNotice arrival={arrival} />}
        <ConnectedAccounts run={run} />
        {/* What comes below waits, so that nothing moves it. */}
        {!isPending && <Merges arrival={arrival} run={run} />}
      </main>
      <FreshDialog question={question} />
    </>
  );
}
