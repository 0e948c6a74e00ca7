import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger' | 'caution';

const LOOKS: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'bg-slip text-ink ring-1 ring-inset ring-line hover:bg-wash',
  quiet: 'text-ink-soft hover:bg-wash hover:text-ink',
  danger: 'text-danger hover:bg-danger-wash',
  caution: 'bg-danger-wash text-danger ring-1 ring-inset ring-danger/25 hover:ring-danger/60',
};

/** The classes of a button, for links that look like one. */
export function buttonClasses(look: ButtonLook = 'plain', className?: string): string {
  return classNames(
    'inline-flex min-h-9 items-center justify-center gap-2 rounded-lg px-3.5 font-medium select-none',
    'transition-colors duration-100 disabled:opacity-55 aria-disabled:opacity-55',
    LOOKS[look],
    className,
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  look?: ButtonLook;
}

/** A button with words. */
export function Button({ look = 'plain', className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={buttonClasses(look, className)} {...rest} />;
}

interface IconButtonProps extends ComponentProps<'button'> {
  label: string;
}

/** A square button that shows only an icon; `label` names it. */
export function IconButton({ label, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      className={classNames(
        'inline-flex size-9 shrink-0 items-center justify-center rounded-lg text-ink-faint',
        'transition-colors duration-100 hover:bg-wash-strong hover:text-ink',
        className,
      )}
      {...rest}
    />
  );
}
