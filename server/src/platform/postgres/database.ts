import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isTlsMissing, type SessionSettings, sessionSql } from './client.ts';
import { type ConnectionSource, connectionOptions } from './connection-options.ts';
import { queryOf } from './described-query.ts';
import {
  DatabaseUnavailable,
  isNeverSent,
  isRetryable,
  isSessionBroken,
  isStaleStatement,
  translateError,
} from './errors.ts';
import type { Queryable } from './queryable.ts';
import { rowTypes } from './row-types.ts';
import { type BoundStatement, unnamed } from './statement.ts';
import { StatementWatch } from './statement-watch.ts';
import { Transaction, type TransactionOptions } from './transaction.ts';

export interface DatabaseOptions {
  connection: ConnectionSource;
  /** Most connections open at once. */
  poolMax: number;
  /** Idle connections that are kept. */
  poolMin: number;
  /** A connection older than this is replaced when it is idle; 0: never. */
  maxLifetimeSeconds: number;
  /** How long a statement waits for a connection. */
  acquireTimeoutMs: number;
  statementTimeoutMs: number;
  /** Named prepared statements; off for transaction poolers that cannot carry them. */
  prepared: boolean;
  /** Most statements that wait for a connection; one more is refused at once. */
  maxWaiting: number;
  /** Told of every connection that broke while idle; the pool replaces it by itself. */
  onError: (error: Error) => void;
}

export interface PoolStats {
  total: number;
  idle: number;
  waiting: number;
  max: number;
}

const MAX_ATTEMPTS = 5;
const RETRY_BASE_MS = 4;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 30_000;
/** The server cancels a statement first; past this margin the server itself is considered gone. */
const UNRESPONSIVE_MARGIN_MS = 2_000;

export type { Queryable };

/** A pool of connections to one PostgreSQL database, which outlives restarts of that database. */
export class Database implements Queryable {
  readonly #pool: pg.Pool;
  readonly #options: DatabaseOptions;
  readonly #session: SessionSettings;
  readonly #isTlsOptional: boolean;
  readonly #watch: StatementWatch;
  #closing: Promise<void> | null = null;

  constructor(options: DatabaseOptions) {
    const { statementTimeoutMs } = options;
    const { config, isTlsOptional } = connectionOptions(options.connection);
    this.#options = options;
    this.#isTlsOptional = isTlsOptional;
    this.#watch = new StatementWatch(
      statementTimeoutMs === 0 ? 0 : statementTimeoutMs + UNRESPONSIVE_MARGIN_MS,
    );
    this.#session = {
      statementTimeoutMs,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    };
    const opening = sessionSql(this.#session);
    this.#pool = new pg.Pool({
      application_name: 'docket',
      keepAlive: true,
      ...config,
      types: rowTypes,
      max: options.poolMax,
      min: options.poolMin,
      maxLifetimeSeconds: options.maxLifetimeSeconds,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      connectionTimeoutMillis: options.acquireTimeoutMs,
      // The pool waits for the promise before it lends the connection out.
      onConnect: async (client) => void (await client.query(opening)),
    });
    this.#pool.on('error', options.onError);
    // The pool listens to idle connections only. A break while one is lent out reaches the
    // statement as its error; without this listener it would end the process as well.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('remove', (client) => this.#watch.forget(client));
  }

  /** Runs a statement and answers its rows. @throws DatabaseUnavailable */
  run<Row>(statement: BoundStatement<Row>): Promise<Row[]> {
    return this.#send(statement, ({ rows }) => rows);
  }

  /** Runs a statement and answers how many rows it changed. @throws DatabaseUnavailable */
  execute(statement: BoundStatement<unknown>): Promise<number> {
    return this.#send(statement, ({ rowCount }) => rowCount ?? 0);
  }

  /** Runs a statement at once: there is no transaction here. @throws DatabaseUnavailable */
  async runLast(statement: BoundStatement<unknown>): Promise<void> {
    await this.execute(statement);
  }

  /**
   * Runs `work` in a transaction, which is committed when its promise is kept and rolled back when
   * it is broken. Work that loses a serialisation race or a deadlock is begun anew, so it must have
   * no effects outside the transaction.
   * @throws DatabaseUnavailable, or whatever `work` throws
   */
  async transaction<T>(
    work: (tx: Queryable) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    let isPrepared = this.#options.prepared;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work, options, isPrepared);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !mayBeginAnew(error)) throw asFinal(error);
        if (isStaleStatement(error)) isPrepared = false;
        else await backOff(attempt);
      }
    }
  }

  /** Asks the database for a sign of life; answers the milliseconds it took. @throws DatabaseUnavailable */
  async ping(timeoutMs: number): Promise<number> {
    const startedAt = performance.now();
    const answer = this.run({ name: undefined, text: 'select 1', values: [] });
    const timer = new AbortController();
    const timeout = delay(timeoutMs, 'late' as const, { signal: timer.signal, ref: false });
    timeout.catch(() => undefined);
    try {
      if ((await Promise.race([answer, timeout])) !== 'late') return performance.now() - startedAt;
      answer.catch(() => undefined);
      throw new DatabaseUnavailable(`no answer within ${timeoutMs} ms`);
    } catch (error) {
      throw translateError(error);
    } finally {
      timer.abort();
    }
  }

  /** What the pool is doing at this moment. */
  stats(): PoolStats {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { total, idle, waiting, max: this.#options.poolMax };
  }

  /** Refuses new statements, lets those that run finish, and closes every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.end().finally(() => this.#watch.close());
    return this.#closing;
  }

  #send<Row, T>(statement: BoundStatement<Row>, pick: (result: Result<Row>) => T): Promise<T> {
    const sent = this.#options.prepared ? statement : unnamed(statement);
    return new Promise((resolve, reject) => {
      this.#attemptStatement(sent, 1, (result) => resolve(pick(result)), reject);
    });
  }

  /** By callbacks, since this is the path of every request. */
  #attemptStatement<Row>(
    statement: BoundStatement<Row>,
    attempt: number,
    resolve: (result: Result<Row>) => void,
    reject: (error: unknown) => void,
  ): void {
    const fail = (error: unknown) => {
      if (attempt === MAX_ATTEMPTS || !mayBeginAnew(error)) return reject(asFinal(error));
      // Other connections may hold the same stale plan, hence no name.
      const next = isStaleStatement(error) ? unnamed(statement) : statement;
      const again = () => this.#attemptStatement(next, attempt + 1, resolve, reject);
      if (isRetryable(error)) backOff(attempt).then(again, reject);
      else again();
    };
    this.#lend((refusal, client, release) => {
      if (!client) return fail(refusal);
      this.#watch.begin(client, release);
      void client.query<Row & pg.QueryResultRow>(
        queryOf(statement),
        (error: Error | null, result) => {
          if (this.#watch.end(client)) release(error !== null && isSessionBroken(error));
          if (error) fail(error);
          else resolve(result);
        },
      );
    });
  }

  #lend(callback: LendCallback): void {
    const pool = this.#pool;
    if (pool.waitingCount - pool.idleCount >= this.#options.maxWaiting) {
      callback(new DatabaseUnavailable('too many statements are waiting'), undefined, () => {});
      return;
    }
    const { options } = pool;
    // A connection that is idle is lent in the next tick: a timer would cost more than the lending.
    options.connectionTimeoutMillis =
      pool.idleCount > pool.waitingCount ? 0 : this.#options.acquireTimeoutMs;
    pool.connect((error, client, release) => {
      if (!error) return callback(undefined, client, release);
      if (this.#isTlsOptional && isTlsMissing(error)) {
        options.ssl = false;
        return this.#lend(callback);
      }
      callback(new DatabaseUnavailable(error.message, { cause: error }), undefined, release);
    });
    options.connectionTimeoutMillis = this.#options.acquireTimeoutMs;
  }

  async #attempt<T>(
    work: (tx: Queryable) => Promise<T>,
    options: TransactionOptions,
    isPrepared: boolean,
  ): Promise<T> {
    const { client, release } = await this.#acquire();
    const transaction = new Transaction(client, isPrepared, (statement) =>
      this.#watch.during(client, release, statement),
    );
    try {
      await transaction.begin(options, this.#options.prepared ? null : this.#session);
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollBack();
      throw error;
    } finally {
      transaction.end();
      release(transaction.isBroken);
    }
  }

  #acquire(): Promise<{ client: pg.PoolClient; release: (destroy: boolean) => void }> {
    return new Promise((resolve, reject) => {
      this.#lend((refusal, client, release) => {
        if (client) resolve({ client, release: onlyOnce(release) });
        else reject(refusal);
      });
    });
  }
}

interface Result<Row> {
  rows: Row[];
  rowCount: number | null;
}

type LendCallback = (
  refusal: DatabaseUnavailable | undefined,
  client: pg.PoolClient | undefined,
  release: (destroy?: boolean) => void,
) => void;

/** The pool takes a second release for a defect; a connection given up meanwhile makes one. */
function onlyOnce(release: (destroy: boolean) => void): (destroy: boolean) => void {
  let isReleased = false;
  return (destroy) => {
    if (!isReleased) release(destroy);
    isReleased = true;
  };
}

/** Whether nothing has taken effect and the same again may succeed. */
function mayBeginAnew(error: unknown): boolean {
  return isRetryable(error) || isStaleStatement(error) || isNeverSent(error);
}

function asFinal(error: unknown): unknown {
  if (!isRetryable(error)) return translateError(error);
  return new DatabaseUnavailable('too many changes at once', { cause: error });
}

function backOff(attempt: number): Promise<void> {
  return delay(RETRY_BASE_MS * 2 ** attempt * Math.random());
}
