import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

interface TextFieldProps extends ComponentProps<'input'> {
  label: string;
  /** What is wrong, shown under the field and read with it. */
  error?: string | undefined;
  /** Advice, shown under the field and read with it. */
  hint?: ReactNode;
  /** A control inside the field at its end. */
  trailing?: ReactNode;
}

/** A labelled line of text with its error and hint beside it. */
export function TextField({ label, error, hint, trailing, className, ...rest }: TextFieldProps) {
  const id = useId();
  const errorId = `${id}-error`;
  const hintId = `${id}-hint`;
  const describedBy = [error && errorId, hint && hintId].filter(Boolean).join(' ');
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-meta font-medium text-ink-soft">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy || undefined}
          className={classNames(
            'h-11 w-full rounded-lg bg-paper px-3 text-base text-ink ring-1 transition-shadow ring-inset',
            'focus-visible:outline-none focus-visible:ring-2 focus-visible:ring-accent',
            error ? 'ring-danger' : 'ring-line-strong hover:ring-ink-faint',
            trailing ? 'pr-12' : false,
          )}
          {...rest}
        />
        {trailing && (
          <span className="absolute inset-y-1 right-1 flex items-center">{trailing}</span>
        )}
      </div>
      {error && (
        <p id={errorId} className="mt-1.5 text-meta text-danger">
          {error}
        </p>
      )}
      {hint && (
        <div id={hintId} className="mt-1.5 text-meta text-ink-faint">
          {hint}
        </div>
      )}
    </div>
  );
}
