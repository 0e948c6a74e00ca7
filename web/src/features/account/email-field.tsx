import { messages } from '../../shell/messages.ts';
import { TextField } from '../../ui/text-field.tsx';
import { useTypedEmail } from './account-layout.tsx';

/** The address as the sign-in name. */
export function EmailField({ error }: { error?: string | undefined }) {
  const { email, setEmail } = useTypedEmail();
  return (
    <TextField
      label={messages.account.email}
      name="email"
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      value={email}
      onChange={(event) => setEmail(event.target.value)}
      error={error}
    />
  );
}

/** What is wrong with an address as typed, or `undefined`; the server has the last word. */
export function emailProblem(email: string): string | undefined {
  if (!email.trim()) return messages.account.emailMissing;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim())
    ? undefined
    : messages.account.emailInvalid;
}
