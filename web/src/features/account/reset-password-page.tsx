import { getRouteApi, Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { isDeadLink, resetPassword } from '../../api/accounts.ts';
import { recheckSession } from '../../api/session.ts';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { Button, buttonClasses } from '../../ui/button.tsx';
import { AccountCard, CardText } from './account-card.tsx';
import { DeadLinkCard } from './dead-link-card.tsx';
import { NewPasswordField, newPasswordProblem } from './new-password-field.tsx';
import { GoOn, WayBack } from './sign-in-link.tsx';

const words = messages.account.reset;
const route = getRouteApi('/account/links/reset-password');

/** Chooses a new password by a mailed link. */
export function ResetPasswordPage() {
  usePageTitle(words.page);
  const { linkToken } = route.useRouteContext();
  return <ByLink key={linkToken} token={linkToken} />;
}

function ByLink({ token }: { token: string | undefined }) {
  const [outcome, setOutcome] = useState<'done' | 'dead' | undefined>();
  if (!token || outcome === 'dead') {
    return (
      <DeadLinkCard reason={token && words.dead}>
        <Link to="/forgot-password" className={buttonClasses('primary', 'h-11 w-full')}>
          {words.askAgain}
        </Link>
      </DeadLinkCard>
    );
  }
  if (outcome === 'done') {
    return (
      <AccountCard title={words.done} icon={<CircleCheck />}>
        <CardText>{words.doneText}</CardText>
        <GoOn notice="password-changed" />
      </AccountCard>
    );
  }
  return (
    <AccountCard title={words.title} footer={<WayBack />}>
      <CardText>{words.text}</CardText>
      <ResetForm
        token={token}
        onDone={() => setOutcome('done')}
        onDead={() => setOutcome('dead')}
      />
    </AccountCard>
  );
}

interface ResetFormProps {
  token: string;
  onDone: () => void;
  onDead: () => void;
}

function ResetForm({ token, onDone, onDead }: ResetFormProps) {
  const [password, setPassword] = useState('');

  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['password'],
    check: () => ({ password: newPasswordProblem(password) }),
    async send() {
      try {
        await resetPassword({ token, password });
      } catch (error) {
        if (!isDeadLink(error)) throw error;
        return onDead();
      }
      // If it was the account that is signed in here, this session has ended, too.
      await recheckSession();
      onDone();
    },
  });

  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <RefusalAlert text={refusal.text} />
      <NewPasswordField
        label={words.password}
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.saving : words.save}
      </Button>
    </form>
  );
}
