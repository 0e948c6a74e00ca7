import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { messages } from './messages.ts';
import { ShortcutTable } from './shortcut-table.tsx';
import { useShortcuts } from './shortcuts.ts';

/** State of the overview of key bindings; `?` opens it. */
export function useShortcutDialog() {
  const [isOpen, setOpen] = useState(false);
  useShortcuts([
    {
      keys: ['?'],
      label: messages.shortcuts.help,
      group: 'anywhere',
      run: () => setOpen(true),
    },
  ]);
  return { isOpen, open: () => setOpen(true), close: () => setOpen(false) };
}

interface ShortcutDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** The overview of key bindings. */
export function ShortcutDialog({ isOpen, onClose }: ShortcutDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      title={messages.shortcuts.title}
      closeLabel={messages.page.close}
      onClose={onClose}
    >
      <ShortcutTable />
    </Dialog>
  );
}
