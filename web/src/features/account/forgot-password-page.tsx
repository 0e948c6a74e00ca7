import { useState } from 'react';
import { requestPasswordReset } from '../../api/accounts.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { AccountCard, CardText } from './account-card.tsx';
import { useTypedEmail } from './account-layout.tsx';
import { CheckMailCard } from './check-mail-card.tsx';
import { EmailForm } from './email-form.tsx';
import { WayBack } from './sign-in-link.tsx';

const words = messages.account.forgot;

/** Asks for a link to choose a new password; what it answers says nothing about who has an account. */
export function ForgotPasswordPage() {
  usePageTitle(words.page);
  const { email } = useTypedEmail();
  const [isSent, setSent] = useState(false);
  if (isSent) {
    return (
      <CheckMailCard
        text={messages.account.mail.reset(email)}
        send={() => requestPasswordReset(email)}
      />
    );
  }
  return (
    <AccountCard title={words.title} footer={<WayBack />}>
      <CardText>{words.text}</CardText>
      <EmailForm label={words.send} send={requestPasswordReset} onSent={() => setSent(true)} />
    </AccountCard>
  );
}
