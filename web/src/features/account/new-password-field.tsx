import { PasswordField } from '../../shell/forms/password-field.tsx';
import { messages } from '../../shell/messages.ts';
import { passwordProblem } from './password-strength.ts';
import { StrengthHint } from './strength-hint.tsx';

const words = messages.account;

const PROBLEMS = {
  missing: words.passwordShort,
  short: words.passwordShort,
  long: words.passwordLong,
};

/** What is wrong with a new password, or `undefined`; the server knows the common ones besides. */
export function newPasswordProblem(password: string): string | undefined {
  const reason = passwordProblem(password);
  return reason && PROBLEMS[reason];
}

interface NewPasswordFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  /** The address that should not be part of it. */
  email?: string;
}

/** A password that is being chosen, with a word on how good it is. */
export function NewPasswordField({ email = '', ...rest }: NewPasswordFieldProps) {
  return (
    <PasswordField
      {...rest}
      autoComplete="new-password"
      hint={<StrengthHint password={rest.value} email={email} />}
    />
  );
}
