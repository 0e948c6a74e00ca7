import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { disconnectAccount } from '../../api/providers.ts';
import type { ConnectedAccount, SignInProvider } from '../../api/schema.ts';
import { formatAge, formatDate, formatDateTime } from '../../shell/format.ts';
import { messages } from '../../shell/messages.ts';
import { ProviderMark } from '../../shell/provider-mark.tsx';
import { useNow } from '../../shell/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { showToast } from '../../ui/toast-store.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { LONG_SLIP_ACTION, LONG_SLIP_ROW } from './section.tsx';
import { connectedQuery, isOnlyWay } from './security-queries.ts';
import type { RunFresh } from './use-fresh.ts';

const words = messages.connected;

/** Another front end vouches for the person; nobody signs in here with that. */
const FOREIGN = 'foreign';

interface ConnectedRowProps {
  account: ConnectedAccount;
  /** Missing where it has been turned off since. */
  provider: SignInProvider | undefined;
  run: RunFresh;
  onGone: () => void;
}

/** One identity of the person. */
export function ConnectedRow({ account, provider, run, onGone }: ConnectedRowProps) {
  const [isAsking, setAsking] = useState(false);
  const reasonId = useId();
  const client = useQueryClient();
  const { email, label } = account;
  const isLast = isOnlyWay(account);

  async function disconnect() {
    const done = await run(async (password) => {
      await disconnectAccount(account.id, password);
      return true;
    });
    if (!done) return;
    // The focus goes on only when the dialog has let it go.
    flushSync(() => setAsking(false));
    onGone();
    showToast({ tone: 'note', text: words.done(label), durationMs: 6_000 });
    await client.invalidateQueries({ queryKey: connectedQuery.queryKey });
  }

  return (
    <li className={LONG_SLIP_ROW}>
      <MarkTile provider={account.provider} iconUrl={provider?.icon_url} />
      <div className="min-w-0">
        <p
          className={`font-medium wrap-anywhere ${account.provider === FOREIGN ? 'first-letter:uppercase' : ''}`}
        >
          {label}
        </p>
        <p className="text-meta text-ink-soft wrap-anywhere">{email ?? words.noAddress}</p>
        <Times account={account} isOffered={provider !== undefined} />
        {isLast && (
          <p id={reasonId} className="mt-1.5 max-w-[52ch] text-meta text-ink-soft text-pretty">
            {words.onlyWay}
            <Link
              to="/forgot-password"
              className="mt-1 block w-fit font-medium text-accent underline-offset-4 hover:underline"
            >
              {words.choosePassword}
            </Link>
          </p>
        )}
      </div>
      <Button
        aria-label={words.disconnectFrom(label, email)}
        aria-disabled={isLast}
        aria-describedby={isLast ? reasonId : undefined}
        onClick={() => !isLast && setAsking(true)}
        className={LONG_SLIP_ACTION}
      >
        {words.disconnect}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={words.ask.title(label)}
        text={words.ask.text(label, email)}
        keepLabel={words.ask.keep}
        confirmLabel={words.ask.confirm}
        busyLabel={words.ask.busy}
        onClose={() => setAsking(false)}
        confirm={disconnect}
      />
    </li>
  );
}

function Times({ account, isOffered }: { account: ConnectedAccount; isOffered: boolean }) {
  const nowMs = useNow();
  const { created_at, last_used_at, provider } = account;
  const isTurnedOff = !isOffered && provider !== FOREIGN;
  return (
    <p className="text-meta text-ink-faint">
      <time dateTime={created_at} title={formatDateTime(created_at)}>
        {words.since(formatDate(created_at))}
      </time>
      {' · '}
      {last_used_at ? (
        <time dateTime={last_used_at} title={formatDateTime(last_used_at)}>
          {words.used(formatAge(last_used_at, nowMs))}
        </time>
      ) : (
        words.neverUsed
      )}
      {isTurnedOff && ` · ${words.turnedOff}`}
    </p>
  );
}

/** The mark on a tile, so that marks of every shape stand in one column. */
export function MarkTile(props: { provider: string; iconUrl: string | null | undefined }) {
  return (
    <span className="flex size-9 shrink-0 items-center justify-center self-start rounded-xl bg-wash">
      <ProviderMark {...props} />
    </span>
  );
}
