import { getRouteApi, Link } from '@tanstack/react-router';
import { CircleAlert, Info } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { signIn } from '../../api/session.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { useSession } from '../../shell/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { AccountCard } from './account-card.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { EmailField, emailProblem } from './email-field.tsx';
import { focusFirstError } from './focus-first-error.ts';
import { PasswordField } from './password-field.tsx';
import { useRefusal } from './use-refusal.ts';

const words = messages.account;
const route = getRouteApi('/account/login');

/** Sign-in. Once signed in, the route leads on to where the visitor wanted to go. */
export function SignInPage() {
  usePageTitle(words.signIn);
  const search = route.useSearch();
  return (
    <AccountCard
      title={words.signInTitle}
      footer={
        <>
          {words.noAccount}
          <Link
            to="/register"
            search={search}
            className="font-semibold text-accent underline-offset-4 hover:underline"
          >
            {words.register}
          </Link>
        </>
      }
    >
      <SignInForm />
    </AccountCard>
  );
}

function SignInForm() {
  const { email } = useTypedEmail();
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const [problems, setProblems] = useState<{
    email?: string | undefined;
    password?: string | undefined;
  }>({});
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const form = event.currentTarget;
    const found = {
      email: emailProblem(email),
      password: password ? undefined : words.passwordMissing,
    };
    setProblems(found);
    refusal.setError(undefined);
    if (found.email || found.password) return focusFirstError(form);
    setBusy(true);
    try {
      await signIn({ email: email.trim(), password, remember });
    } catch (error) {
      refusal.setError(error);
      setBusy(false);
    }
  }

  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <ArrivalNotice />
      <div role="alert" className="empty:-mb-4">
        {refusal.text && (
          <Notice tone="problem" icon={<CircleAlert aria-hidden="true" />}>
            {refusal.text}
          </Notice>
        )}
      </div>
      <EmailField error={problems.email} />
      <PasswordField
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <label className="flex min-h-9 items-center gap-2.5 text-meta text-ink-soft">
        <input
          type="checkbox"
          checked={remember}
          onChange={(event) => setRemember(event.target.checked)}
          className="size-4"
        />
        {words.remember}
      </label>
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.signingIn : words.signIn}
      </Button>
    </form>
  );
}

/** Why the visitor is here, unless it was by free will. */
function ArrivalNotice() {
  const session = useSession();
  const { notice } = route.useSearch();
  const reason = session.kind === 'signed-out' ? session.reason : undefined;
  if (notice === 'registered' || notice === 'mail-sent') {
    return (
      <Notice tone="calm" role="status" icon={<Info aria-hidden="true" />}>
        {notice === 'registered' ? words.registered : words.mailSent}
      </Notice>
    );
  }
  if (reason !== 'expired' && reason !== 'signed-out') return null;
  return (
    <Notice
      tone={reason === 'expired' ? 'caution' : 'calm'}
      role="status"
      icon={<Info aria-hidden="true" />}
    >
      {reason === 'expired' ? words.sessionEnded : words.signedOut}
    </Notice>
  );
}
