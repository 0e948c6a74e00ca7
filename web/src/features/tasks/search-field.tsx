import { Search, X } from 'lucide-react';
import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
import { messages } from '../../shell/messages.ts';
import { Kbd } from '../../ui/kbd.tsx';

/** Pause in typing after which the search runs. */
const PAUSE_MS = 180;

interface SearchFieldProps {
  /** The search in the address. */
  q: string;
  inputRef: RefObject<HTMLInputElement | null>;
  onSearch: (q: string) => void;
}

/** Search as one types; the address follows after a short pause. */
export function SearchField({ q, inputRef, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(q);
  const [applied, setApplied] = useState(q);
  if (q !== applied) {
    // The address was changed from outside: by a link or by going back.
    setApplied(q);
    setText(q);
  }

  const apply = useEffectEvent((next: string) => {
    setApplied(next);
    onSearch(next);
  });
  useEffect(() => {
    const next = text.trim();
    if (next === applied) return;
    const timer = setTimeout(() => apply(next), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, applied]);

  function leave(event: React.KeyboardEvent<HTMLInputElement>) {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (text) setText('');
    else event.currentTarget.blur();
  }

  return (
    <search className="group relative flex h-10 w-full max-w-md items-center">
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute left-3 size-4 text-ink-faint"
      />
      <input
        ref={inputRef}
        type="search"
        value={text}
        aria-label={messages.tasks.search}
        aria-keyshortcuts="/"
        placeholder={messages.tasks.search}
        autoComplete="off"
        enterKeyHint="search"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={leave}
        className="h-full w-full min-w-0 rounded-lg bg-wash pr-10 pl-9 text-base transition-colors hover:bg-wash-strong focus-visible:bg-slip focus-visible:outline-2 focus-visible:-outline-offset-1 sm:text-body"
      />
      <span className="absolute right-1.5 flex items-center">
        {text ? (
          <button
            type="button"
            aria-label={messages.tasks.clearSearch}
            onClick={() => {
              setText('');
              inputRef.current?.focus();
            }}
            className="flex size-8 items-center justify-center rounded-md text-ink-faint hover:text-ink"
          >
            <X aria-hidden="true" className="size-4" />
          </button>
        ) : (
          <span aria-hidden="true" className="mr-1 hidden group-focus-within:hidden sm:block">
            <Kbd>/</Kbd>
          </span>
        )}
      </span>
    </search>
  );
}
