import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { announce } from '../../shell/announcer.tsx';
import { messages } from '../../shell/messages.ts';
import { IconButton } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Arrival } from './arrival.ts';
import { useProviderLabel } from './security-queries.ts';

const words = messages.connected;

const PROBLEMS: Record<string, (label: string) => string> = {
  'provider.cancelled': words.problems.cancelled,
  'provider.unavailable': words.problems.unavailable,
  'provider.flow_invalid': words.problems.interrupted,
  'provider.answer_invalid': words.problems.untrusted,
  'provider.identity_taken': words.problems.taken,
  'provider.not_found': words.problems.notFound,
  'session.invalid': words.problems.sessionEnded,
  'rate.limited': words.problems.limited,
};

/** What came of the way to a provider, said once. */
export function ArrivalNotice({ arrival }: { arrival: Arrival }) {
  const label = useProviderLabel('provider' in arrival ? arrival.provider : undefined);
  const [isSeen, setSeen] = useState(false);
  const text = textOf(arrival, label);
  useEffect(() => announce(text), [text]);
  if (isSeen) return null;
  const isProblem = arrival.kind === 'problem';
  return (
    <Notice
      tone={isProblem ? 'caution' : 'calm'}
      icon={isProblem ? <CircleAlert aria-hidden="true" /> : <CircleCheck aria-hidden="true" />}
      className="mt-5 items-start"
    >
      <div className="flex items-start gap-2">
        <p className="flex-1 wrap-anywhere">{text}</p>
        <IconButton
          label={messages.page.dismiss}
          className="-my-2 -mr-2"
          onClick={() => setSeen(true)}
        >
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
    </Notice>
  );
}

function textOf(arrival: Arrival, label: string): string {
  const name = capitalized(label);
  switch (arrival.kind) {
    case 'fresh':
      return messages.fresh.done;
    case 'linked':
      return arrival.isAlready ? words.already(name) : words.linked(name);
    case 'problem': {
      const { code } = arrival;
      const known = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined;
      return known ? known(label) : words.problems.other(name);
    }
  }
}

/** For the begin of a sentence: a name that we do not know is replaced by words. */
function capitalized(label: string): string {
  return label === messages.providers.nameless
    ? label.charAt(0).toLocaleUpperCase(messages.language) + label.slice(1)
    : label;
}
