import { type ComponentProps, lazy, Suspense, useState } from 'react';
import type { User } from '../api/schema.ts';
import { Avatar, initialsOf } from '../ui/avatar.tsx';
import { messages } from './messages.ts';

const loadMenu = () => import('./profile-menu.tsx');
const ProfileMenu = lazy(async () => ({ default: (await loadMenu()).ProfileMenu }));

interface ProfileButtonProps {
  user: User;
  onShowShortcuts: () => void;
}

/** The person's initials. The menu behind them is fetched when somebody is about to open it. */
export function ProfileButton({ user, onShowShortcuts }: ProfileButtonProps) {
  const [isWanted, setWanted] = useState(false);
  const closed = (
    <AvatarButton
      user={user}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void loadMenu()}
      onFocus={() => void loadMenu()}
      onClick={() => setWanted(true)}
    />
  );
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <ProfileMenu
        user={user}
        trigger={<AvatarButton user={user} />}
        onShowShortcuts={onShowShortcuts}
      />
    </Suspense>
  );
}

function AvatarButton({ user, ...rest }: ComponentProps<'button'> & { user: User }) {
  const name = user.name ?? user.email ?? messages.menu.nameless;
  return (
    <button
      type="button"
      aria-label={messages.menu.open(initialsOf(name), name)}
      className="flex size-10 shrink-0 items-center justify-center rounded-full"
      {...rest}
    >
      <Avatar name={name} />
    </button>
  );
}
