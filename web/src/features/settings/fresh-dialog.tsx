import { usePrefetchQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PasswordField } from '../../shell/forms/password-field.tsx';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { ProviderLink } from '../../shell/provider-link.tsx';
import { Button, buttonClasses } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ownAccountQuery, useWaysToProve } from './security-queries.ts';
import { isProofMissing, type useFresh } from './use-fresh.ts';

const words = messages.fresh;

/** Where somebody returns who signs in again. */
const JOURNEY = { returnTo: '/settings/security?fresh=true', isRemembered: false, isFresh: true };

type Question = NonNullable<ReturnType<typeof useFresh>['question']>;

/** Asks who it is: for the password, or for another sign-in with a connected provider. */
export function FreshDialog({ question }: { question: Question | undefined }) {
  // Known before it is needed, so that nothing changes under the hand.
  usePrefetchQuery(ownAccountQuery);
  return (
    <Dialog
      isOpen={question !== undefined}
      title={words.title}
      closeLabel={messages.page.close}
      onClose={() => question?.giveUp()}
    >
      {question && <Proof question={question} />}
    </Dialog>
  );
}

function Proof({ question }: { question: Question }) {
  const { hasPassword, providers } = useWaysToProve();
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-soft text-pretty">{words.text}</p>
      {hasPassword && <PasswordProof answer={question.answer} />}
      {hasPassword && providers.length > 0 && (
        <p className="flex items-center gap-3 text-meta text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
          {messages.providers.or}
        </p>
      )}
      {providers.length > 0 && (
        <div className="flex flex-col gap-2.5">
          {providers.map((provider) => (
            <ProviderLink
              key={provider.name}
              provider={provider}
              journey={JOURNEY}
              label={words.again(provider.label)}
            />
          ))}
          <p className="text-meta text-ink-faint text-pretty">{words.without}</p>
        </div>
      )}
      {!hasPassword && providers.length === 0 && (
        <>
          <p className="text-ink-soft text-pretty">{words.noWay}</p>
          <Link to="/forgot-password" className={buttonClasses('primary', 'h-11')}>
            {messages.connected.choosePassword}
          </Link>
        </>
      )}
    </div>
  );
}

function PasswordProof({ answer }: { answer: Question['answer'] }) {
  const [password, setPassword] = useState('');
  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['password'],
    check: () => ({ password: password ? undefined : messages.account.passwordMissing }),
    send: () => answer(password),
    explain: (error) => (isProofMissing(error) ? { password: words.wrong } : undefined),
  });
  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <RefusalAlert text={refusal.text} />
      <PasswordField
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? words.confirming : words.confirm}
      </Button>
    </form>
  );
}
