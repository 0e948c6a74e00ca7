import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import type { User } from '../api/schema.ts';
import { signOut } from '../api/session.ts';
import { Kbd } from '../ui/kbd.tsx';
import { Menu, MenuHeading, MenuItem } from '../ui/menu.tsx';
import { showToast } from '../ui/toast-store.ts';
import { describeError } from './describe-error.ts';
import { messages } from './messages.ts';

async function leave(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    showToast({
      tone: 'problem',
      text: messages.menu.signOutFailed,
      detail: describeError(error),
      durationMs: null,
      action: { label: messages.page.tryAgain, run: () => void leave() },
    });
  }
}

interface ProfileMenuProps {
  user: User;
  trigger: ReactNode;
  onShowShortcuts: () => void;
}

/** What concerns the person, open from the start. */
export function ProfileMenu({ user, trigger, onShowShortcuts }: ProfileMenuProps) {
  const navigate = useNavigate();
  return (
    <Menu label={messages.menu.label} trigger={trigger} isInitiallyOpen>
      <MenuHeading>
        {user.name && <span className="block truncate font-semibold">{user.name}</span>}
        {user.email && <span className="block truncate text-meta text-ink-soft">{user.email}</span>}
      </MenuHeading>
      <MenuItem
        icon={<Settings aria-hidden="true" />}
        onSelect={() => void navigate({ to: '/settings/security' })}
      >
        {messages.menu.settings}
      </MenuItem>
      <MenuItem
        icon={<Keyboard aria-hidden="true" />}
        trailing={<Kbd>?</Kbd>}
        onSelect={onShowShortcuts}
      >
        {messages.menu.shortcuts}
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden="true" />} onSelect={() => void leave()}>
        {messages.menu.signOut}
      </MenuItem>
    </Menu>
  );
}
