import { Link2Off } from 'lucide-react';
import type { ReactNode } from 'react';
import { messages } from '../../shell/messages.ts';
import { AccountCard, CardText } from './account-card.tsx';
import { WayBack } from './sign-in-link.tsx';

const words = messages.account.link;

interface DeadLinkCardProps {
  /** Why the link may be of no use; without one, the page was opened without its link. */
  reason?: string | undefined;
  missing?: { title: string; text: string };
  /** The next step. */
  children?: ReactNode;
}

/** What a page says whose link is used up, expired or incomplete. */
export function DeadLinkCard({ reason, missing, children }: DeadLinkCardProps) {
  const { title, text } = missing ?? { title: words.missing, text: words.missingText };
  return (
    <AccountCard
      title={reason ? words.dead : title}
      icon={<Link2Off />}
      tone="caution"
      footer={<WayBack />}
    >
      <CardText>{reason ?? text}</CardText>
      {children}
    </AccountCard>
  );
}
