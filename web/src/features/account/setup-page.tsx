import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { isDeadLink, setUp } from '../../api/accounts.ts';
import { signIn } from '../../api/session.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { AccountCard, CardText } from './account-card.tsx';
import { DeadLinkCard } from './dead-link-card.tsx';
import { type NewAccount, NewAccountForm } from './new-account-form.tsx';
import { WayBack } from './sign-in-link.tsx';

const words = messages.account.setup;
const route = getRouteApi('/account/links/setup');

/** Creates the first administrator, by the link that the server prints while there is none, and signs in. */
export function SetupPage() {
  usePageTitle(words.page);
  const { linkToken } = route.useRouteContext();
  return linkToken ? (
    <Setup key={linkToken} token={linkToken} />
  ) : (
    <DeadLinkCard missing={{ title: words.missing, text: words.missingText }} />
  );
}

function Setup({ token }: { token: string }) {
  const [isDead, setDead] = useState(false);
  const navigate = useNavigate();

  async function create(account: NewAccount) {
    try {
      await setUp({ token, ...account });
    } catch (error) {
      if (!isDeadLink(error)) throw error;
      return setDead(true);
    }
    const { email, password } = account;
    try {
      await signIn({ email, password, remember: false });
      await navigate({ to: '/', replace: true });
    } catch {
      await navigate({ to: '/login', search: { notice: 'registered' }, replace: true });
    }
  }

  if (isDead) return <DeadLinkCard reason={words.dead} />;
  return (
    <AccountCard title={words.title} footer={<WayBack />}>
      <CardText>{words.text}</CardText>
      <NewAccountForm label={words.create} busyLabel={words.creating} create={create} />
    </AccountCard>
  );
}
