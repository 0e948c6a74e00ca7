import { useQuery } from '@tanstack/react-query';
import { CloudOff, Lock } from 'lucide-react';
import { useRef } from 'react';
import { ApiError } from '../../api/problem.ts';
import type { ConnectedAccount, SignInProvider } from '../../api/schema.ts';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { providersQuery } from '../../shell/sign-in-providers.ts';
import { BlankState } from '../../ui/blank-state.tsx';
import { Button } from '../../ui/button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ConnectRow } from './connect-row.tsx';
import { ConnectedRow } from './connected-row.tsx';
import { Section, SLIP, SLIP_ROW } from './section.tsx';
import { connectedQuery } from './security-queries.ts';
import type { RunFresh } from './use-fresh.ts';

const words = messages.connected;

/** With whom the person signs in, and with whom besides they could. */
export function ConnectedAccounts({ run }: { run: RunFresh }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const connected = useQuery(connectedQuery);
  const { data: providers = [], isPending: isWaiting } = useQuery(providersQuery);
  const { data: accounts, error, refetch } = connected;
  return (
    <Section title={words.title} text={words.text} headingRef={heading}>
      {error && !accounts ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : accounts && !isWaiting ? (
        <Rows
          accounts={accounts}
          providers={providers}
          run={run}
          onGone={() => heading.current?.focus()}
        />
      ) : (
        <Loading rows={Math.max(providers.length, 1)} />
      )}
    </Section>
  );
}

interface RowsProps {
  accounts: ConnectedAccount[];
  providers: SignInProvider[];
  run: RunFresh;
  onGone: () => void;
}

function Rows({ accounts, providers, run, onGone }: RowsProps) {
  const others = providers.filter(
    ({ name }) => !accounts.some(({ provider }) => provider === name),
  );
  if (accounts.length + others.length === 0) {
    return <p className={`${SLIP} px-4 py-4 text-ink-soft sm:px-5`}>{words.none}</p>;
  }
  return (
    <ul className={SLIP}>
      {accounts.map((account) => (
        <ConnectedRow
          key={account.id}
          account={account}
          provider={providers.find(({ name }) => name === account.provider)}
          run={run}
          onGone={onGone}
        />
      ))}
      {others.map((provider) => (
        <ConnectRow key={provider.name} provider={provider} run={run} />
      ))}
    </ul>
  );
}

/** Rows of the height of those that are on their way. */
function Loading({ rows }: { rows: number }) {
  return (
    <div role="status" aria-label={words.loading} className={SLIP}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={index} className={SLIP_ROW}>
          <Skeleton className="size-9 shrink-0 rounded-xl" />
          <span className="flex flex-col gap-2.5 py-1">
            <Skeleton className="h-3 w-1/4" />
            <Skeleton className="h-2.5 w-1/2" />
          </span>
          <Skeleton className="h-9 w-24 rounded-lg" />
        </div>
      ))}
    </div>
  );
}

function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  const isForbidden = error instanceof ApiError && error.status === 403;
  return (
    <div role="alert" className={SLIP}>
      <BlankState
        icon={isForbidden ? <Lock /> : <CloudOff />}
        title={isForbidden ? words.forbidden : words.failed}
        text={describeError(error)}
      >
        {!isForbidden && <Button onClick={retry}>{messages.page.tryAgain}</Button>}
      </BlankState>
    </div>
  );
}
