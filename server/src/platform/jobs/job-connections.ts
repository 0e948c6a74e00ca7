import pg from 'pg';
import type { ConstructorOptions } from 'pg-boss';
import { isTlsMissing, sessionSql } from '../postgres/client.ts';
import { type ConnectionSource, connectionOptions } from '../postgres/connection-options.ts';

type JobDatabase = NonNullable<ConstructorOptions['db']>;

const MAX_CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * The few connections that jobs are fetched and settled with, apart from those of requests: neither
 * waits for the other. pg-boss sends several statements in one text, which no transaction pooler
 * between may take apart.
 */
export class JobConnections implements JobDatabase {
  readonly #pool: pg.Pool;
  readonly #isTlsOptional: boolean;

  /** @param source without a transaction pooler in between */
  constructor(source: ConnectionSource) {
    const { config, isTlsOptional } = connectionOptions(source);
    const opening = sessionSql({
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    });
    this.#isTlsOptional = isTlsOptional;
    this.#pool = new pg.Pool({
      application_name: 'docket jobs',
      keepAlive: true,
      ...config,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      onConnect: async (client) => void (await client.query(opening)),
    });
    // A connection that breaks while idle is replaced at the next statement.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Runs one text, as pg-boss asks. @throws whatever `pg` throws */
  async executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    try {
      return await this.#pool.query(text, values);
    } catch (error) {
      if (!this.#isTlsOptional || !isTlsMissing(error)) throw error;
      this.#pool.options.ssl = false;
      return await this.#pool.query(text, values);
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
