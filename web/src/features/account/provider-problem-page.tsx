import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CircleAlert, CloudOff, KeyRound, MailCheck, Undo2, UserX } from 'lucide-react';
import type { ReactNode } from 'react';
import { endedJourney } from '../../api/provider-journey.ts';
import { messages } from '../../shell/messages.ts';
import { ProviderLink } from '../../shell/provider-link.tsx';
import { providersQuery } from '../../shell/sign-in-providers.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { useSession } from '../../shell/use-session.ts';
import { buttonClasses } from '../../ui/button.tsx';
import { AccountCard, CardText } from './account-card.tsx';
import { nextSearch } from './next-search.ts';
import { WayBack } from './sign-in-link.tsx';

const words = messages.providers.problem;
const route = getRouteApi('/account/login/problem');

interface Outcome {
  words: { title: string; text: (label: string) => string };
  icon: ReactNode;
  tone: 'calm' | 'caution';
  /** Steps that help, the best first. */
  steps: readonly Step[];
}

type Step = 'retry' | 'sign-in' | 'connect' | 'register' | 'new-link';

const OTHER: Outcome = {
  words: words.other,
  icon: <CircleAlert />,
  tone: 'caution',
  steps: ['retry', 'sign-in'],
};

const BUSY: Outcome = { ...OTHER, words: words.busy, icon: <CloudOff /> };

const OUTCOMES: Record<string, Outcome> = {
  'provider.cancelled': {
    words: words.cancelled,
    icon: <Undo2 />,
    tone: 'calm',
    steps: ['retry', 'sign-in'],
  },
  'provider.unavailable': { ...OTHER, words: words.unavailable, icon: <CloudOff /> },
  'provider.flow_invalid': { ...OTHER, words: words.interrupted },
  'provider.answer_invalid': { ...OTHER, words: words.untrusted },
  'provider.email_required': {
    words: words.emailRequired,
    icon: <CircleAlert />,
    tone: 'caution',
    steps: ['retry', 'register'],
  },
  'provider.link_required': {
    words: words.linkRequired,
    icon: <KeyRound />,
    tone: 'calm',
    steps: ['connect'],
  },
  'provider.local_sign_in_required': {
    words: words.localRequired,
    icon: <KeyRound />,
    tone: 'calm',
    steps: ['connect'],
  },
  'provider.account_unavailable': {
    words: words.accountUnavailable,
    icon: <UserX />,
    tone: 'caution',
    steps: ['sign-in'],
  },
  'provider.not_found': { ...OTHER, words: words.notFound, steps: ['sign-in'] },
  'registration.closed': {
    words: words.closed,
    icon: <UserX />,
    tone: 'caution',
    steps: ['connect'],
  },
  'user.unverified': {
    words: words.unverified,
    icon: <MailCheck />,
    tone: 'calm',
    steps: ['retry', 'new-link'],
  },
  'rate.limited': { ...OTHER, words: words.limited },
  'session.invalid': { ...OTHER, words: words.sessionEnded, steps: ['sign-in'] },
  'database.unavailable': BUSY,
  'server.overloaded': BUSY,
};

/** Why a sign-in by a provider did not work, and what to do now; of the address it shows nothing as it is. */
export function ProviderProblemPage() {
  usePageTitle(words.page);
  const { code = '', provider: name } = route.useSearch();
  const { data: providers } = useQuery(providersQuery);
  const outcome = Object.hasOwn(OUTCOMES, code) ? (OUTCOMES[code] ?? OTHER) : OTHER;
  const provider = providers?.find((candidate) => candidate.name === name);
  const steps = outcome.steps.filter((step) => step !== 'retry' || provider);
  const { title, text } = outcome.words;
  const isSignedIn = useSession().kind === 'signed-in';
  // One way to the sign-in page is enough.
  const hasWayOn = !isSignedIn && steps.some((step) => step === 'sign-in' || step === 'connect');
  return (
    <AccountCard
      title={title}
      icon={outcome.icon}
      tone={outcome.tone}
      footer={hasWayOn ? undefined : <WayBack />}
    >
      <CardText>{text(provider?.label ?? messages.providers.nameless)}</CardText>
      <div className="flex flex-col gap-2.5">
        {steps.map((step, index) =>
          step === 'retry' && provider ? (
            <ProviderLink
              key={step}
              provider={provider}
              journey={endedJourney() ?? { returnTo: '/', isRemembered: false, isFresh: false }}
              label={words.tryAgain(provider.label)}
            />
          ) : (
            <StepLink key={step} step={step} isFirst={index === 0} />
          ),
        )}
      </div>
    </AccountCard>
  );
}

/** Where a step other than trying again leads; who is signed in has signed in already. */
function StepLink({ step, isFirst }: { step: Step; isFirst: boolean }) {
  const isSignedIn = useSession().kind === 'signed-in';
  const className = buttonClasses(isFirst ? 'primary' : 'plain', 'h-11 w-full');
  if (isSignedIn) {
    return (
      <Link to="/settings/security" className={className}>
        {words.toSettings}
      </Link>
    );
  }
  switch (step) {
    case 'register':
      return (
        <Link to="/register" className={className}>
          {words.createAccount}
        </Link>
      );
    case 'new-link':
      return (
        <Link to="/verify" className={className}>
          {words.newLink}
        </Link>
      );
    case 'connect':
      return (
        <Link to="/login" search={{ next: '/settings/security' }} className={className}>
          {messages.account.signIn}
        </Link>
      );
    default:
      return (
        <Link
          to="/login"
          search={nextSearch({ next: endedJourney()?.returnTo })}
          className={className}
        >
          {words.otherWay}
        </Link>
      );
  }
}
