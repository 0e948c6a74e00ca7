import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Wordmark } from '../ui/wordmark.tsx';
import { messages } from './messages.ts';
import { ProfileButton } from './profile-button.tsx';
import { ShortcutDialog, useShortcutDialog } from './shortcut-dialog.tsx';
import { useUser } from './use-session.ts';

interface AppHeaderProps {
  /** The page's search field. */
  search?: ReactNode;
  /** Whether a sheet covers the page, which then takes no part in anything. */
  isCovered?: boolean;
}

/** The strip at the top of every signed-in page: wordmark, search, person. */
export function AppHeader({ search, isCovered = false }: AppHeaderProps) {
  const user = useUser();
  const shortcuts = useShortcutDialog();
  return (
    <header
      inert={isCovered}
      className="sticky top-0 z-20 line-when-scrolled bg-paper/90 backdrop-blur-md"
    >
      <div className="mx-auto flex h-14 max-w-[76rem] items-center gap-3 px-4 sm:px-6">
        <Link to="/" className="-mx-1 rounded-lg p-1" aria-label={messages.product}>
          <Wordmark name={messages.product} isCompact />
        </Link>
        <div className="flex min-w-0 flex-1 justify-center">{search}</div>
        {user ? (
          <ProfileButton user={user} onShowShortcuts={shortcuts.open} />
        ) : (
          <span className="size-10 shrink-0" />
        )}
      </div>
      <ShortcutDialog isOpen={shortcuts.isOpen} onClose={shortcuts.close} />
    </header>
  );
}
