import { MailCheck } from 'lucide-react';
import { messages } from '../../shell/messages.ts';
import { AccountCard, CardText } from './account-card.tsx';
import { MailAgain } from './mail-again.tsx';
import { WayBack } from './sign-in-link.tsx';

const words = messages.account.mail;

interface CheckMailCardProps {
  text: string;
  /** Has the same mail sent once more. */
  send: () => Promise<void>;
}

/** Says that a mail is on its way, and what to do when it doesn't come. */
export function CheckMailCard({ text, send }: CheckMailCardProps) {
  return (
    <AccountCard title={words.title} icon={<MailCheck />} footer={<WayBack />}>
      <CardText>{text}</CardText>
      <p className="mb-2 text-meta text-ink-faint">{words.nothingCame}</p>
      <MailAgain send={send} />
    </AccountCard>
  );
}
