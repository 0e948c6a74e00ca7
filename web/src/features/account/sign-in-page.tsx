import { getRouteApi, Link } from '@tanstack/react-router';
import { Info, MailWarning } from 'lucide-react';
import { useState } from 'react';
import { resendVerification } from '../../api/accounts.ts';
import { ApiError } from '../../api/problem.ts';
import { signIn } from '../../api/session.ts';
import { PasswordField } from '../../shell/forms/password-field.tsx';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { useSession } from '../../shell/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { AccountCard, TEXT_LINK } from './account-card.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { EmailField, emailProblem } from './email-field.tsx';
import { MailAgain } from './mail-again.tsx';
import { nextSearch } from './next-search.ts';
import { ProvidersAbove, ProvidersBelow } from './provider-choice.tsx';

const words = messages.account;
const route = getRouteApi('/account/visitors/login');

/** Sign-in. Once signed in, the route leads on to where the visitor wanted to go. */
export function SignInPage() {
  usePageTitle(words.signIn);
  const search = nextSearch(route.useSearch());
  const isEarly = route.useLoaderData();
  const [isRemembered, setRemembered] = useState(false);
  const choice = { next: search.next, isRemembered, isEarly };
  return (
    <>
      <AccountCard
        title={words.signInTitle}
        footer={
          <>
            {words.noAccount}
            <Link to="/register" search={search} className={TEXT_LINK}>
              {words.register}
            </Link>
          </>
        }
      >
        <ArrivalNotice />
        <ProvidersAbove {...choice} />
        <SignInForm isRemembered={isRemembered} onRemember={setRemembered} />
      </AccountCard>
      <ProvidersBelow {...choice} />
    </>
  );
}

interface SignInFormProps {
  /** Whether the session is to outlive the browser, by whichever way the person signs in. */
  isRemembered: boolean;
  onRemember: (isRemembered: boolean) => void;
}

function SignInForm({ isRemembered, onRemember }: SignInFormProps) {
  const { email } = useTypedEmail();
  const [password, setPassword] = useState('');
  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['email', 'password'],
    check: () => ({
      email: emailProblem(email),
      password: password ? undefined : words.passwordMissing,
    }),
    send: () => signIn({ email: email.trim(), password, remember: isRemembered }),
  });

  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      {isUnverified(refusal.error) ? (
        <UnverifiedNotice email={email.trim()} />
      ) : (
        <RefusalAlert text={refusal.text} />
      )}
      <EmailField error={problems.email} />
      <PasswordField
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <label className="flex min-h-9 items-center gap-2.5 text-meta text-ink-soft">
          <input
            type="checkbox"
            checked={isRemembered}
            onChange={(event) => onRemember(event.target.checked)}
            className="size-4"
          />
          {words.remember}
        </label>
        <ForgotLink />
      </div>
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.signingIn : words.signIn}
      </Button>
    </form>
  );
}

function ForgotLink() {
  const search = nextSearch(route.useSearch());
  return (
    <Link
      to="/forgot-password"
      search={search}
      className="flex min-h-9 items-center text-meta font-medium text-accent underline-offset-4 hover:underline"
    >
      {words.forgotPassword}
    </Link>
  );
}

function isUnverified(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'user.unverified';
}

/** The password is right, the address not yet confirmed. */
function UnverifiedNotice({ email }: { email: string }) {
  return (
    <Notice tone="caution" icon={<MailWarning aria-hidden="true" />}>
      <p role="alert" className="mb-2.5">
        {words.unverified}
      </p>
      <MailAgain label={words.mail.newLink} send={() => resendVerification(email)} />
    </Notice>
  );
}

/** Why the visitor is here, unless it was by free will. */
function ArrivalNotice() {
  const session = useSession();
  const { notice } = route.useSearch();
  const reason = session.kind === 'signed-out' ? session.reason : undefined;
  if (notice) {
    return (
      <Notice tone="calm" role="status" icon={<Info aria-hidden="true" />} className="mb-4">
        {notice === 'registered' ? words.registered : words.passwordChanged}
      </Notice>
    );
  }
  if (reason !== 'expired' && reason !== 'signed-out') return null;
  return (
    <Notice
      tone={reason === 'expired' ? 'caution' : 'calm'}
      role="status"
      icon={<Info aria-hidden="true" />}
      className="mb-4"
    >
      {reason === 'expired' ? words.sessionEnded : words.signedOut}
    </Notice>
  );
}
