import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useForm } from '../../shell/forms/use-form.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { EmailField, emailProblem } from './email-field.tsx';

interface EmailFormProps {
  label: string;
  /** Has something mailed to the address. */
  send: (email: string) => Promise<void>;
  onSent: () => void;
}

/** Asks for an address to which something is mailed. */
export function EmailForm({ label, send, onSent }: EmailFormProps) {
  const { email, setEmail } = useTypedEmail();
  const { ref, problems, isBusy, refusal, submit } = useForm({
    fields: ['email'],
    check: () => ({ email: emailProblem(email) }),
    async send() {
      await send(email.trim());
      setEmail(email.trim());
      onSent();
    },
  });

  return (
    <form ref={ref} method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <RefusalAlert text={refusal.text} />
      <EmailField error={problems.email} />
      <Button type="submit" look="primary" aria-disabled={isBusy} className="h-11">
        {isBusy ? messages.account.mail.sending : label}
      </Button>
    </form>
  );
}
