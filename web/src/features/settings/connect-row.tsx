import { useEffect, useState } from 'react';
import { beginConnecting } from '../../api/providers.ts';
import type { SignInProvider } from '../../api/schema.ts';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { MarkTile } from './connected-row.tsx';
import { SLIP_ROW } from './section.tsx';
import type { RunFresh } from './use-fresh.ts';

const words = messages.connected;

/** A provider with which the person could sign in. */
export function ConnectRow({ provider, run }: { provider: SignInProvider; run: RunFresh }) {
  const { name, label, icon_url, is_available } = provider;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  // Whoever steps back from the provider finds the page as it was left.
  useEffect(() => {
    const wake = () => setBusy(false);
    addEventListener('pageshow', wake);
    return () => removeEventListener('pageshow', wake);
  }, []);
  const isStuck = isBusy || !is_available;

  async function connect() {
    if (isStuck) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const address = await run((password) => beginConnecting(name, password));
      if (address !== undefined) return location.assign(address);
    } catch (error) {
      setProblem(describeError(error));
    }
    setBusy(false);
  }

  return (
    <li className={SLIP_ROW}>
      <MarkTile provider={name} iconUrl={icon_url} />
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{label}</p>
        <p className="text-meta text-ink-faint first-letter:uppercase">
          {is_available ? words.notConnected : messages.providers.unavailable}
        </p>
        <p role="alert" className="text-meta text-danger empty:hidden">
          {problem}
        </p>
      </div>
      <Button
        aria-label={words.connectTo(label)}
        aria-disabled={isStuck}
        onClick={() => void connect()}
      >
        {isBusy ? words.connecting : words.connect}
      </Button>
    </li>
  );
}
