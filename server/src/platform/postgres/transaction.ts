import type pg from 'pg';
import type { SessionSettings } from './client.ts';
import { isNeverSent, isSessionBroken, translateError } from './errors.ts';
import type { Queryable } from './queryable.ts';
import { type BoundStatement, unnamed } from './statement.ts';

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  isReadOnly?: boolean;
}

type Watched = <T>(statement: () => Promise<T>) => Promise<T>;

/** One transaction on one lent connection; of no use after its end. */
export class Transaction implements Queryable {
  readonly #client: pg.PoolClient;
  readonly #isPrepared: boolean;
  readonly #watched: Watched;
  readonly #last: BoundStatement<unknown>[] = [];
  #isOpen = false;
  #isBroken = false;

  /** @param watched runs a statement, and ends the connection where no answer comes */
  constructor(client: pg.PoolClient, isPrepared: boolean, watched: Watched) {
    this.#client = client;
    this.#isPrepared = isPrepared;
    this.#watched = watched;
  }

  /** Whether the connection must not be used again. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** @throws DatabaseUnavailable */
  async run<Row>(statement: BoundStatement<Row>): Promise<Row[]> {
    return (await this.#send(statement)).rows as Row[];
  }

  /** @throws DatabaseUnavailable */
  async execute(statement: BoundStatement<unknown>): Promise<number> {
    return (await this.#send(statement)).rowCount ?? 0;
  }

  /** Keeps a statement for the end. */
  async runLast(statement: BoundStatement<unknown>): Promise<void> {
    if (!this.#isOpen) throw new Error('The transaction has ended');
    this.#last.push(statement);
  }

  /** Begins; `settings` repeats the session's timeouts where a pooler may have lent another session. */
  async begin(options: TransactionOptions, settings: SessionSettings | null): Promise<void> {
    const isolation = options.isolation ? ` ISOLATION LEVEL ${options.isolation}` : '';
    const access = options.isReadOnly ? ' READ ONLY' : '';
    await this.#control(`BEGIN${isolation}${access}${settings ? `; ${localSql(settings)}` : ''}`);
    this.#isOpen = true;
  }

  /** @throws DatabaseUnavailable, with `isOutcomeUnknown` where the connection broke on the way */
  async commit(): Promise<void> {
    for (const statement of this.#last) await this.#send(statement);
    const { command } = await this.#control('COMMIT');
    this.#isOpen = false;
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error('A failed statement was ignored: nothing is stored');
  }

  /** Never fails: a connection that cannot be rolled back is given up, which does the same. */
  async rollBack(): Promise<void> {
    if (!this.#isOpen || this.#isBroken) return;
    await this.#control('ROLLBACK').catch(() => {
      this.#isBroken = true;
    });
  }

  /** Refuses every later use, when the connection may serve somebody else. */
  end(): void {
    this.#isOpen = false;
  }

  async #send(statement: BoundStatement<unknown>): Promise<pg.QueryResult> {
    if (!this.#isOpen) throw new Error('The transaction has ended');
    return this.#control(this.#isPrepared ? statement : unnamed(statement));
  }

  async #control(query: string | BoundStatement<unknown>): Promise<pg.QueryResult> {
    try {
      return await this.#watched(() => this.#client.query(query));
    } catch (error) {
      if (isSessionBroken(error)) this.#isBroken = true;
      // Before BEGIN has passed, a connection found dead can simply be replaced.
      if (isNeverSent(error) && !this.#isOpen) throw error;
      throw translateError(error);
    }
  }
}

function localSql(settings: SessionSettings): string {
  return [
    `SET LOCAL statement_timeout = ${Math.trunc(settings.statementTimeoutMs)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.trunc(settings.idleInTransactionTimeoutMs)}`,
  ].join('; ');
}
