import { Fragment } from 'react';
import { Kbd } from '../ui/kbd.tsx';
import { commandKeyName } from './keyboard.ts';
import { messages } from './messages.ts';
import { type Shortcut, type ShortcutGroup, useActiveShortcuts } from './shortcuts.ts';

const GROUPS: ShortcutGroup[] = ['anywhere', 'list', 'task'];
const KEY_NAMES: Record<string, string> = { Escape: 'Esc', ArrowDown: '↓', ArrowUp: '↑' };

function keyName(key: string): string {
  return KEY_NAMES[key] ?? (key.length === 1 ? key.toLocaleUpperCase() : key);
}

/** What the fields themselves do; these are no bindings of the page. */
const FIELD_KEYS: Pick<Shortcut, 'keys' | 'label' | 'group' | 'withCommand'>[] = [
  { keys: ['Enter'], label: messages.shortcuts.open, group: 'list' },
  { keys: ['Enter'], withCommand: true, label: messages.shortcuts.saveTask, group: 'task' },
];

/** All key bindings in force, by group. */
export function ShortcutTable() {
  const shortcuts = [...useActiveShortcuts(), ...FIELD_KEYS];
  return GROUPS.map((group) => {
    const rows = shortcuts.filter((shortcut) => shortcut.group === group);
    if (rows.length === 0) return null;
    return (
      <section key={group} className="mb-5 last:mb-0">
        <h3 className="mb-1 text-meta font-semibold text-ink-faint">
          {messages.shortcuts.groups[group]}
        </h3>
        <dl>
          {rows.map((row) => (
            <div
              key={row.label}
              className="flex min-h-9 items-center justify-between gap-4 border-b border-line last:border-none"
            >
              <dt>{row.label}</dt>
              <dd className="flex items-center gap-1">
                <Keys keys={row.keys} withCommand={row.withCommand ?? false} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    );
  });
}

function Keys({ keys, withCommand }: { keys: string[]; withCommand: boolean }) {
  return keys.map((key, index) => (
    <Fragment key={key}>
      {index > 0 && <span className="px-0.5 text-xs text-ink-faint">{messages.shortcuts.or}</span>}
      {withCommand && <Kbd>{commandKeyName}</Kbd>}
      <Kbd>{keyName(key)}</Kbd>
    </Fragment>
  ));
}
