import { useState } from 'react';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { EmailField, emailProblem } from './email-field.tsx';
import { NewPasswordField, newPasswordProblem } from './new-password-field.tsx';

const words = messages.account;

export interface NewAccount {
  email: string;
  password: string;
  name?: string;
}

interface NewAccountFormProps {
  label: string;
  busyLabel: string;
  /** Creates the account; what it throws is shown, at the field that it is about. */
  create: (account: NewAccount) => Promise<void>;
}

/** Address, name and password of somebody new. */
export function NewAccountForm({ label, busyLabel, create }: NewAccountFormProps) {
  const { email } = useTypedEmail();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['email', 'name', 'password'],
    check: () => ({ email: emailProblem(email), password: newPasswordProblem(password) }),
    send: () =>
      create({ email: email.trim(), password, ...(name.trim() && { name: name.trim() }) }),
    explain: ({ code }) => (code === 'user.email_taken' ? { email: words.emailTaken } : undefined),
  });

  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <RefusalAlert text={refusal.text} />
      <EmailField error={problems.email} />
      <TextField
        label={`${words.name} (${words.optional})`}
        name="name"
        autoComplete="name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={problems.name}
      />
      <NewPasswordField
        label={words.newPassword}
        value={password}
        onChange={setPassword}
        error={problems.password}
        email={email}
      />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? busyLabel : label}
      </Button>
    </form>
  );
}
