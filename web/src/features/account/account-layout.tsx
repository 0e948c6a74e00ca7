import { Outlet } from '@tanstack/react-router';
import { createContext, use, useMemo, useState } from 'react';
import { messages } from '../../shell/messages.ts';
import { Wordmark } from '../../ui/wordmark.tsx';

interface TypedEmail {
  email: string;
  setEmail: (email: string) => void;
}

const TypedEmailContext = createContext<TypedEmail | undefined>(undefined);

/** The address typed so far; it stays while the person switches between sign-in and registration. */
export function useTypedEmail(): TypedEmail {
  const value = use(TypedEmailContext);
  if (!value) throw new Error('useTypedEmail is used outside the account pages');
  return value;
}

/** The frame of the pages for visitors: one card in the middle. */
export function AccountLayout() {
  const [email, setEmail] = useState('');
  const value = useMemo(() => ({ email, setEmail }), [email]);
  return (
    <TypedEmailContext value={value}>
      <main className="flex min-h-dvh flex-col items-center px-4 pt-[max(2rem,12dvh)] pb-10">
        <Wordmark name={messages.product} />
        <div className="mt-7 w-full max-w-[25rem]">
          <Outlet />
        </div>
      </main>
    </TypedEmailContext>
  );
}
