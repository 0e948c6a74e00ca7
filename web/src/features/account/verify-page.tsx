import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, MailSearch } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isDeadLink, resendVerification, verifyEmail } from '../../api/accounts.ts';
import { recheckSession } from '../../api/session.ts';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useRefusal } from '../../shell/forms/use-refusal.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { useUser } from '../../shell/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { AccountCard, CardText } from './account-card.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { CheckMailCard } from './check-mail-card.tsx';
import { DeadLinkCard } from './dead-link-card.tsx';
import { EmailForm } from './email-form.tsx';
import { GoOn, WayBack } from './sign-in-link.tsx';

const words = messages.account.verify;
const route = getRouteApi('/account/links/verify');

/** Verifies an address by a mailed link, at once. */
export function VerifyPage() {
  usePageTitle(words.page);
  const { linkToken } = route.useRouteContext();
  return linkToken ? <Verification key={linkToken} token={linkToken} /> : <AskAgain />;
}

function Verification({ token }: { token: string }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['verification', token],
    queryFn: async () => {
      const { status } = await verifyEmail(token);
      await recheckSession();
      return status;
    },
    // The answer stands; and without a network it fails, which can be said, instead of waiting.
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  });
  if (data) return <Verified isFirstTime={data === 'verified'} />;
  if (isDeadLink(error)) return <AskAgain reason={words.dead} />;
  if (error && !isFetching) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <AccountCard title={words.working} icon={<MailSearch />} isBusy>
      <Skeleton className="-mt-2 mb-6 h-3.5 w-4/5" />
      <Skeleton className="h-11 rounded-lg" />
    </AccountCard>
  );
}

function Verified({ isFirstTime }: { isFirstTime: boolean }) {
  return (
    <AccountCard title={words.done} icon={<CircleCheck />}>
      <CardText>{isFirstTime ? words.doneText : words.already}</CardText>
      <GoOn />
    </AccountCard>
  );
}

function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const refusal = useRefusal();
  const { setError } = refusal;
  useEffect(() => setError(error), [error, setError]);
  return (
    <AccountCard
      title={messages.account.link.failed}
      icon={<CircleAlert />}
      tone="caution"
      footer={<WayBack />}
    >
      <div className="flex flex-col gap-4">
        <RefusalAlert text={refusal.text} />
        <Button look="primary" className="h-11" onClick={retry}>
          {messages.page.tryAgain}
        </Button>
      </div>
    </AccountCard>
  );
}

/** Offers another link; who is signed in need not type the address. */
function AskAgain({ reason }: { reason?: string }) {
  const { email, setEmail } = useTypedEmail();
  const user = useUser();
  const [isSent, setSent] = useState(false);
  useEffect(() => {
    if (user?.email) setEmail(user.email);
  }, [user, setEmail]);
  if (isSent) {
    return (
      <CheckMailCard
        text={messages.account.mail.stillUnverified(email)}
        send={() => resendVerification(email)}
      />
    );
  }
  return (
    <DeadLinkCard reason={reason}>
      <EmailForm
        label={messages.account.mail.newLink}
        send={resendVerification}
        onSent={() => setSent(true)}
      />
    </DeadLinkCard>
  );
}
