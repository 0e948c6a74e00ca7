import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

interface MenuProps {
  /** The button under which the menu opens. */
  trigger: ReactNode;
  label: string;
  isInitiallyOpen?: boolean;
  children: ReactNode;
}

/**
 * A menu under a button, in the same landmark as the button.
 * Not modal: the modal form locks scrolling by a style element, which the page's content policy refuses.
 */
export function Menu({ trigger, label, isInitiallyOpen = false, children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={isInitiallyOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Content
        aria-label={label}
        align="end"
        sideOffset={8}
        collisionPadding={12}
        className="z-40 min-w-56 max-w-[calc(100vw-1.5rem)] animate-appear rounded-xl bg-slip p-1.5 text-ink shadow-float"
      >
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  icon: ReactNode;
  children: ReactNode;
  trailing?: ReactNode;
  onSelect: () => void;
}

/** One command of a menu. */
export function MenuItem({ icon, children, trailing, onSelect }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 outline-none select-none data-highlighted:bg-wash [&>svg]:size-4 [&>svg]:text-ink-faint"
    >
      {icon}
      <span className="flex-1">{children}</span>
      {trailing}
    </DropdownMenu.Item>
  );
}

/** Text at the top of a menu that is no command. */
export function MenuHeading({ children }: { children: ReactNode }) {
  return (
    <>
      <DropdownMenu.Label className="px-2.5 pt-1.5 pb-2">{children}</DropdownMenu.Label>
      <DropdownMenu.Separator className="mx-2.5 mb-1.5 h-px bg-line" />
    </>
  );
}
