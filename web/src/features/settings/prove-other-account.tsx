import { useState } from 'react';
import { type OpenMergeOffer, offerMerge } from '../../api/merges.ts';
import { PasswordField } from '../../shell/forms/password-field.tsx';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

const words = messages.merges.prove;

/** Asks for address and password of the other account. */
export function ProveOtherAccount({ onProven }: { onProven: (offer: OpenMergeOffer) => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['email', 'password'],
    check: () => ({
      email: email.trim() ? undefined : messages.account.emailMissing,
      password: password ? undefined : messages.account.passwordMissing,
    }),
    send: async () => onProven(await offerMerge({ email: email.trim(), password })),
    explain: ({ code }) => (code === 'merge.same_account' ? { email: words.same } : undefined),
  });
  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-ink-soft text-pretty">{words.text}</p>
      <RefusalAlert text={refusal.text} />
      <TextField
        label={words.email}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={problems.email}
      />
      <PasswordField
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.going : words.go}
      </Button>
    </form>
  );
}
