import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** A listener that has heard nothing for longer counts as deaf. */
const DEAF_AFTER_MS = 1000;
const HEARTBEAT_EVERY_MS = 300;
/** Without questions for so long, heartbeats pause: an idle server leaves the database alone. */
const HEARTBEATS_AFTER_QUESTION_MS = 5000;
const RECONNECT_AFTER_MS = 250;
/** A connection that leaves a heartbeat without answer for so long is given up. */
const DEAD_AFTER_MS = 3000;

interface ListenerOptions {
  /** Opens a connection of its own, not through a transaction pooler. */
  connect: () => Promise<pg.Client>;
  channel: string;
  onMessage: (payload: string) => void;
  /** Messages may have been missed: whatever was learnt from them is void. */
  onGap: () => void;
  onError: (error: Error) => void;
}

/**
 * Hears NOTIFY on one channel over a connection of its own, and knows whether it still hears: it
 * sends itself heartbeats through the same channel, which PostgreSQL delivers in commit order, so
 * that hearing one proves that every earlier message has been heard.
 */
export class PostgresListener {
  readonly #options: ListenerOptions;
  readonly #heartbeat = `heartbeat:${randomUUID()}:`;
  #client: pg.Client | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** When the unanswered heartbeat was sent; null: there is none. */
  #sentAtMs: number | null = null;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Begins to listen, and goes on until `close` whatever becomes of the connection. */
  start(): void {
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_EVERY_MS).unref();
    void this.#connect();
  }

  /** Whether every message committed more than a second ago has been heard. */
  isHearing(): boolean {
    const nowMs = performance.now();
    this.#askedAtMs = nowMs;
    return nowMs - this.#heardAtMs < DEAF_AFTER_MS;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const { channel, connect, onGap, onError } = this.#options;
    try {
      const client = await connect();
      if (this.#isClosed) return await client.end();
      this.#client = client;
      client.on('error', (error) => this.#lose(client, error));
      client.on('end', () => this.#lose(client));
      client.on('notification', (message) => this.#hear(message.payload ?? ''));
      // A heartbeat needs no durability, only its place in the order.
      await client.query(
        `SET synchronous_commit = off; LISTEN ${client.escapeIdentifier(channel)}`,
      );
      // Between two connections nothing was heard.
      onGap();
      this.#beat(true);
    } catch (error) {
      onError(error as Error);
      if (this.#client) this.#lose(this.#client);
      else this.#reconnectSoon();
    }
  }

  #hear(payload: string): void {
    // A heartbeat tells of what was committed before it was sent, however late it arrives.
    if (payload.startsWith(this.#heartbeat)) {
      this.#heardAtMs = Number(payload.slice(this.#heartbeat.length));
    } else if (!payload.startsWith('heartbeat:')) this.#options.onMessage(payload);
  }

  #beat(isForced = false): void {
    const client = this.#client;
    const nowMs = performance.now();
    if (!client) return;
    if (this.#sentAtMs !== null) {
      if (nowMs - this.#sentAtMs > DEAD_AFTER_MS) client.emit('error', new Error('no answer'));
      return;
    }
    if (nowMs - this.#askedAtMs > HEARTBEATS_AFTER_QUESTION_MS && !isForced) return;
    this.#sentAtMs = nowMs;
    client
      .query('SELECT pg_notify($1, $2)', [this.#options.channel, `${this.#heartbeat}${nowMs}`])
      .catch(() => undefined) // the client's own events tell of a lost connection
      .finally(() => {
        if (this.#client === client) this.#sentAtMs = null;
      });
  }

  #lose(client: pg.Client, error?: Error): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#heardAtMs = Number.NEGATIVE_INFINITY;
    this.#sentAtMs = null;
    if (error) this.#options.onError(error);
    client.end().catch(() => undefined);
    this.#reconnectSoon();
  }

  #reconnectSoon(): void {
    if (!this.#isClosed) setTimeout(() => void this.#connect(), RECONNECT_AFTER_MS).unref();
  }
}
