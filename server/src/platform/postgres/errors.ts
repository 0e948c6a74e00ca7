import pg from 'pg';

/** The database could not be asked, or did not answer in time; trying again later makes sense. */
export class DatabaseUnavailable extends Error {
  /** True where a statement was on its way when the connection broke: it may have taken effect. */
  readonly isOutcomeUnknown: boolean;

  constructor(reason: string, options: { cause?: unknown; isOutcomeUnknown?: boolean } = {}) {
    super(`The database is unavailable: ${reason}`, { cause: options.cause });
    this.name = 'DatabaseUnavailable';
    this.isOutcomeUnknown = options.isOutcomeUnknown ?? false;
  }
}

/** SQLSTATEs, or their two-character classes, that say "not now" (PostgreSQL manual, appendix A). */
const UNAVAILABLE_STATES = new Set([
  '08', // connection exceptions
  '53', // out of connections, memory or disk
  '57P01', // terminated by an administrator
  '57P02', // crash of another backend
  '57P03', // starting up or shutting down
  '57P04', // database dropped
  '57P05', // idle session timeout
  '57014', // statement timeout
  '25P03', // idle in transaction timeout
  '25006', // read-only: connected to a standby after a failover
]);

/** After these the session must not be used again, although the server may still talk to it. */
const BROKEN_SESSION_STATES = new Set(['08', '57P01', '57P02', '57P03', '57P04', '25006']);

/** The session ended while a statement may have been running or just done. */
const OUTCOME_UNKNOWN_STATES = new Set(['08', '57P01', '57P02']);

/** A prepared statement that the session no longer has, has already, or whose columns have changed. */
const STALE_STATEMENT_STATES = new Set(['0A000', '26000', '42P05']);

const RETRYABLE_STATES = new Set(['40001', '40P01']);

/** Messages of `pg` and `pg-pool` that carry no code. */
const CONNECTION_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered a connection error|was closed) and is not queryable|Cannot use a pool after)/;

/** Codes of the operating system, of TLS and of Node.js; those of the application are in small letters. */
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]+$/;

/** Messages that mean that the statement never left this process. */
const NEVER_SENT_MESSAGES = /^Client (has encountered a connection error|was closed) and is not/;

/** The five-character SQLSTATE of an error that the server sent, else null. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** The name of the constraint or unique index that an error reports as violated, else null. */
export function constraintOf(error: unknown): string | null {
  if (!(error instanceof pg.DatabaseError) || !error.code?.startsWith('23')) return null;
  return error.constraint ?? null;
}

/** Whether the same work, begun anew, may succeed: a lost serialisation race or a deadlock. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE_STATES.has(sqlStateOf(error) ?? '');
}

/** Whether a named statement was refused before it ran, so that sending it unnamed is safe. */
export function isStaleStatement(error: unknown): boolean {
  const state = sqlStateOf(error) ?? '';
  if (!STALE_STATEMENT_STATES.has(state)) return false;
  return state !== '0A000' || /cached plan must not change result type/.test(String(error));
}

/** Whether the statement certainly never reached the server. */
export function isNeverSent(error: unknown): boolean {
  return error instanceof Error && NEVER_SENT_MESSAGES.test(error.message);
}

/** Whether the connection that raised the error must be discarded. */
export function isSessionBroken(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === null) return true;
  return matches(BROKEN_SESSION_STATES, state) || isStaleStatement(error);
}

/** The error as callers see it: `DatabaseUnavailable` where the database is to blame, else unchanged. */
export function translateError(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state !== null) {
    if (!matches(UNAVAILABLE_STATES, state)) return error;
    return new DatabaseUnavailable((error as Error).message, {
      cause: error,
      isOutcomeUnknown: matches(OUTCOME_UNKNOWN_STATES, state),
    });
  }
  if (!isConnectionError(error)) return error;
  return new DatabaseUnavailable(error.message, {
    cause: error,
    isOutcomeUnknown: !isNeverSent(error),
  });
}

function isConnectionError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  // Errors of the operating system and of TLS carry a code such as ECONNREFUSED.
  const code = 'code' in error ? String(error.code) : '';
  return SYSTEM_CODE.test(code) || CONNECTION_MESSAGES.test(error.message);
}

function matches(states: ReadonlySet<string>, state: string): boolean {
  return states.has(state) || states.has(state.slice(0, 2));
}
