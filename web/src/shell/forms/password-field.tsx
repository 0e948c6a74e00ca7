import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { messages } from '../messages.ts';

interface PasswordFieldProps {
  label: string;
  autoComplete: 'current-password' | 'new-password';
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: ReactNode;
}

/** A password with a way to see it and a word when Caps Lock is on. */
export function PasswordField({ onChange, hint, ...rest }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const [isCapsLockOn, setCapsLockOn] = useState(false);
  const noteCapsLock = (event: React.KeyboardEvent) =>
    setCapsLockOn(event.getModifierState('CapsLock'));
  const Icon = isShown ? EyeOff : Eye;
  return (
    <TextField
      {...rest}
      name="password"
      type={isShown ? 'text' : 'password'}
      spellCheck={false}
      autoCapitalize="none"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={noteCapsLock}
      onKeyUp={noteCapsLock}
      onBlur={() => setCapsLockOn(false)}
      hint={
        (isCapsLockOn || hint) && (
          <>
            {isCapsLockOn && (
              <span role="status" className="block font-medium text-progress">
                {messages.account.capsLock}
              </span>
            )}
            {hint}
          </>
        )
      }
      trailing={
        <IconButton
          label={isShown ? messages.account.hidePassword : messages.account.showPassword}
          aria-pressed={isShown}
          onClick={() => setShown(!isShown)}
        >
          <Icon className="size-4.5" aria-hidden="true" />
        </IconButton>
      }
    />
  );
}
