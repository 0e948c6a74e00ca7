import pg from 'pg';
import { vi } from 'vitest';

/** The heartbeats of the listener for account changes go on beside every request. */
const HEARTBEAT = /pg_notify\(\$1, \$2\)/;
const SESSION_SETTING = /^SET /;

/** Runs `work` and answers the text of every statement that this process sent meanwhile. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const original = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const [query] = args as [string | { text: string }];
    const text = typeof query === 'string' ? query : query.text;
    if (!HEARTBEAT.test(text) && !SESSION_SETTING.test(text)) statements.push(text);
    return Reflect.apply(original, this, args);
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return statements;
}
