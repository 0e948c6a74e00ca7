import { type ComponentProps, type RefObject, useLayoutEffect, useRef } from 'react';
import { classNames } from './class-names.ts';

interface GrowingTextareaProps extends Omit<ComponentProps<'textarea'>, 'ref'> {
  ref?: RefObject<HTMLTextAreaElement | null>;
}

const growsByItself = CSS.supports('field-sizing', 'content');

/** A text area as high as its text. */
export function GrowingTextarea({ ref, className, value, ...rest }: GrowingTextareaProps) {
  const ownRef = useRef<HTMLTextAreaElement>(null);
  const target = ref ?? ownRef;

  useLayoutEffect(() => {
    const area = target.current;
    if (growsByItself || !area || value === undefined) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [value, target]);

  return (
    <textarea
      ref={target}
      value={value}
      className={classNames('field-sizing-content resize-none', className)}
      {...rest}
    />
  );
}
