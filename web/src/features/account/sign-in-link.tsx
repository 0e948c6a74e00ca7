import { getRouteApi, Link } from '@tanstack/react-router';
import { messages } from '../../shell/messages.ts';
import { useSession } from '../../shell/use-session.ts';
import { buttonClasses } from '../../ui/button.tsx';
import { TEXT_LINK } from './account-card.tsx';
import { nextSearch } from './next-search.ts';

const route = getRouteApi('/account');
const words = messages.account;

/** The way back, for below the tear line: to sign-in, or to the tasks of who is signed in. */
export function WayBack() {
  const search = nextSearch(route.useSearch());
  const isSignedIn = useSession().kind === 'signed-in';
  return isSignedIn ? (
    <Link to="/" className={TEXT_LINK}>
      {messages.page.toTasks}
    </Link>
  ) : (
    <Link to="/login" search={search} className={TEXT_LINK}>
      {words.toSignIn}
    </Link>
  );
}

/** The next step as a button: sign in, where `notice` is said, or go to the tasks. */
export function GoOn({ notice }: { notice?: 'password-changed' }) {
  const isSignedIn = useSession().kind === 'signed-in';
  const className = buttonClasses('primary', 'h-11 w-full');
  return isSignedIn ? (
    <Link to="/" className={className}>
      {messages.page.toTasks}
    </Link>
  ) : (
    <Link to="/login" search={notice ? { notice } : {}} className={className}>
      {words.signIn}
    </Link>
  );
}
