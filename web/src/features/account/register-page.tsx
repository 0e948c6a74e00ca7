import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { register } from '../../api/accounts.ts';
import { ApiError } from '../../api/problem.ts';
import { signIn } from '../../api/session.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { AccountCard } from './account-card.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { EmailField, emailProblem } from './email-field.tsx';
import { focusFirstError } from './focus-first-error.ts';
import { PasswordField } from './password-field.tsx';
import { passwordProblem } from './password-strength.ts';
import { StrengthHint } from './strength-hint.tsx';
import { useRefusal } from './use-refusal.ts';

const words = messages.account;
const route = getRouteApi('/account/register');

const PASSWORD_PROBLEMS = {
  missing: words.passwordShort,
  short: words.passwordShort,
  long: words.passwordLong,
};

/** Registration; it signs in at once where the server allows it. */
export function RegisterPage() {
  usePageTitle(words.register);
  const search = route.useSearch();
  return (
    <AccountCard
      title={words.registerTitle}
      footer={
        <>
          {words.haveAccount}
          <Link
            to="/login"
            search={search}
            className="font-semibold text-accent underline-offset-4 hover:underline"
          >
            {words.signIn}
          </Link>
        </>
      }
    >
      <RegisterForm />
    </AccountCard>
  );
}

interface Problems {
  name?: string | undefined;
  email?: string | undefined;
  password?: string | undefined;
}

function RegisterForm() {
  const { email } = useTypedEmail();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();
  const createAccount = useCreateAccount();

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const form = event.currentTarget;
    const reason = passwordProblem(password);
    const found: Problems = {
      email: emailProblem(email),
      password: reason && PASSWORD_PROBLEMS[reason],
    };
    setProblems(found);
    refusal.setError(undefined);
    if (found.email || found.password) return focusFirstError(form);
    setBusy(true);
    try {
      await createAccount({ name: name.trim(), email: email.trim(), password });
    } catch (error) {
      const refused = problemsOf(error);
      setProblems(refused ?? {});
      if (refused) focusFirstError(form);
      else refusal.setError(error);
      setBusy(false);
    }
  }

  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <div role="alert" className="empty:-mb-4">
        {refusal.text && (
          <Notice tone="problem" icon={<CircleAlert aria-hidden="true" />}>
            {refusal.text}
          </Notice>
        )}
      </div>
      <EmailField error={problems.email} />
      <TextField
        label={`${words.name} (${words.optional})`}
        name="name"
        autoComplete="name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={problems.name}
      />
      <PasswordField
        label={words.newPassword}
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        error={problems.password}
        hint={<StrengthHint password={password} email={email} />}
      />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.registering : words.register}
      </Button>
    </form>
  );
}

/** The refusal as messages beside fields, or `undefined` when it concerns none of them. */
function problemsOf(error: unknown): Problems | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'user.email_taken') return { email: words.emailTaken };
  const problems: Problems = {
    email: error.fieldError('email'),
    name: error.fieldError('name'),
    password: error.fieldError('password'),
  };
  return Object.values(problems).some(Boolean) ? problems : undefined;
}

/** Registers and signs in; where signing in has to wait, leads to the sign-in page with a word about it. */
function useCreateAccount() {
  const navigate = useNavigate();
  const search = route.useSearch();
  return async (input: { name: string; email: string; password: string }) => {
    const { name, email, password } = input;
    const user = await register({ email, password, ...(name ? { name } : {}) });
    const toSignIn = (notice: 'registered' | 'mail-sent') =>
      navigate({ to: '/login', search: { ...search, notice } });
    if (!user) return toSignIn('mail-sent');
    try {
      await signIn({ email, password, remember: false });
    } catch (error) {
      const isUnverified = error instanceof ApiError && error.code === 'user.unverified';
      await toSignIn(isUnverified ? 'mail-sent' : 'registered');
    }
  };
}
