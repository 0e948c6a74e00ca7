import pg from 'pg';

/** The heartbeats of the listener for account changes go on beside every request. */
const HEARTBEAT = /pg_notify\(\$1, \$2\)/;
const SESSION_SETTING = /^SET /;
/** Comes after the answer. */
const NOTE_OF_USE = /set last_used_at/;

let isCounting = false;

/**
 * Runs `work` and answers the text of every statement that this process sent meanwhile, however
 * it was sent; connections that open and listen are left out.
 */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  if (isCounting) throw new Error('statements are counted already, and could not be told apart');
  const statements: string[] = [];
  const original = pg.Client.prototype.query;
  isCounting = true;
  pg.Client.prototype.query = function count(this: pg.Client, ...args: unknown[]) {
    const [query] = args as [string | { text: string }];
    const text = typeof query === 'string' ? query : query.text;
    if (!HEARTBEAT.test(text) && !SESSION_SETTING.test(text)) statements.push(text);
    return Reflect.apply(original, this, args);
  };
  try {
    await work();
  } finally {
    pg.Client.prototype.query = original;
    isCounting = false;
  }
  return statements;
}

/** Whether somebody waits for what the open transaction of a connection holds. */
export async function isSomebodyWaitingFor(holder: pg.Client): Promise<boolean> {
  const { rowCount } = await holder.query(
    'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))',
  );
  return (rowCount ?? 0) > 0;
}

/** Does `work` while the connection breaks at the statement with a number; answers whether there was one. */
export async function breakAtStatement(at: number, work: () => Promise<unknown>): Promise<boolean> {
  const original = pg.Client.prototype.query;
  let count = 0;
  pg.Client.prototype.query = function fail(this: pg.Client, ...args: unknown[]) {
    const [query] = args as [string | { text: string }];
    const text = typeof query === 'string' ? query : query.text;
    const isCounted =
      !HEARTBEAT.test(text) && !SESSION_SETTING.test(text) && !NOTE_OF_USE.test(text);
    if (isCounted && count++ === at) {
      const error = new Error('Connection terminated unexpectedly');
      const callback = args.at(-1);
      if (typeof callback !== 'function') return Promise.reject(error);
      return void process.nextTick(() => callback(error));
    }
    return Reflect.apply(original, this, args);
  };
  try {
    await work();
  } finally {
    pg.Client.prototype.query = original;
  }
  return count > at;
}
