import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { register, resendVerification } from '../../api/accounts.ts';
import { ApiError } from '../../api/problem.ts';
import { signIn } from '../../api/session.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { AccountCard, TEXT_LINK } from './account-card.tsx';
import { CheckMailCard } from './check-mail-card.tsx';
import { type NewAccount, NewAccountForm } from './new-account-form.tsx';
import { nextSearch } from './next-search.ts';
import { ProvidersAbove, ProvidersBelow } from './provider-choice.tsx';

const words = messages.account;
const route = getRouteApi('/account/visitors/register');

/** Where registration leads when the person has to read a mail first. */
interface Mailed {
  email: string;
  text: string;
}

/** Registration; it signs in at once where the server allows it. */
export function RegisterPage() {
  usePageTitle(words.register);
  const search = nextSearch(route.useSearch());
  const isEarly = route.useLoaderData();
  const [mailed, setMailed] = useState<Mailed | undefined>();
  const createAccount = useCreateAccount(setMailed);
  if (mailed) {
    return <CheckMailCard text={mailed.text} send={() => resendVerification(mailed.email)} />;
  }
  const choice = { next: search.next, isEarly };
  return (
    <>
      <AccountCard
        title={words.registerTitle}
        footer={
          <>
            {words.haveAccount}
            <Link to="/login" search={search} className={TEXT_LINK}>
              {words.signIn}
            </Link>
          </>
        }
      >
        <ProvidersAbove {...choice} />
        <NewAccountForm
          label={words.register}
          busyLabel={words.registering}
          create={createAccount}
        />
      </AccountCard>
      <ProvidersBelow {...choice} />
    </>
  );
}

/** Registers and signs in; where the address has to be confirmed first, says so by `onMailed`. */
function useCreateAccount(onMailed: (mailed: Mailed) => void) {
  const navigate = useNavigate();
  const search = nextSearch(route.useSearch());
  return async (account: NewAccount) => {
    const { email, password } = account;
    const user = await register(account);
    // The same answer for new and for known addresses: who owns the mailbox learns more.
    if (!user) return onMailed({ email, text: words.mail.accepted(email) });
    try {
      await signIn({ email, password, remember: false });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'user.unverified') {
        return onMailed({ email, text: words.mail.unverified(email) });
      }
      await navigate({ to: '/login', search: { ...search, notice: 'registered' } });
    }
  };
}
