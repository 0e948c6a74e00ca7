import { AccessTokens } from './auth/access-token.ts';
import { ForeignTokens } from './auth/foreign-token.ts';
import { PasswordHasher } from './auth/password-hash.ts';
import type { Config } from './config/config.ts';
import { type DerivedKeys, deriveKeys } from './config/secrets.ts';
import { RequestLimits } from './http/rate-limit.ts';
import { RefreshCookie } from './http/refresh-cookie.ts';
import { JOB_POLICIES, type JobPayloads } from './jobs.ts';
import { ApiTokenStates } from './modules/api-tokens/api-token-states.ts';
import { ApiTokenUses } from './modules/api-tokens/api-token-uses.ts';
import { ForeignUserStates } from './modules/foreign-users/foreign-user-states.ts';
import { jobCounts } from './modules/jobs/jobs.service.ts';
import { type Mailer, openMailer } from './modules/mail/mailer.ts';
import { type Fetch, Providers } from './modules/providers/providers.ts';
import { SessionStates } from './modules/sessions/session-states.ts';
import { SigningKeys } from './modules/signing-keys/signing-keys.service.ts';
import { JobQueue } from './platform/jobs/job-queue.ts';
import type { Log } from './platform/log.ts';
import { Metrics } from './platform/metrics.ts';
import { connectClient } from './platform/postgres/client.ts';
import type { ConnectionSource } from './platform/postgres/connection-options.ts';
import { Database, type Queryable } from './platform/postgres/database.ts';
import { PostgresListener } from './platform/pubsub/postgres-listener.ts';
import { bucketRule } from './platform/rate-limit/bucket.ts';
import { MailLimit } from './platform/rate-limit/mail-limit.ts';
import { TokenBuckets } from './platform/rate-limit/token-buckets.ts';
import { RedisConnection } from './platform/redis/redis.ts';

/** Statements that may wait for a connection; with more the server sheds load. */
const MAX_WAITING_STATEMENTS = 500;

/** Everything that services and routes work with. One per process, closed at its end. */
export interface Context {
  config: Config;
  /** Origin under which people reach the server. */
  publicUrl: string;
  log: Log;
  db: Database;
  keys: DerivedKeys;
  passwords: PasswordHasher;
  signingKeys: SigningKeys;
  accessTokens: AccessTokens;
  sessionStates: SessionStates;
  apiTokenStates: ApiTokenStates;
  apiTokenUses: ApiTokenUses;
  /** null: only tokens of our own are taken. */
  foreignTokens: ForeignTokens | null;
  foreignUserStates: ForeignUserStates;
  /** With whom else people sign in. */
  providers: Providers;
  refreshCookie: RefreshCookie;
  /** null: there is none, and nothing changes but who remembers. */
  redis: RedisConnection | null;
  rateBuckets: TokenBuckets;
  /** What of them requests draw from. */
  requestLimits: RequestLimits;
  mailLimit: MailLimit;
  metrics: Metrics;
  /** Where work for the background is put. */
  jobs: JobQueue<JobPayloads>;
  /** Sends mails; from within jobs, which are repeated when that fails. */
  mailer: Mailer;
  /** Set when the process has been told to end; it finishes what it has begun. */
  isStopping: boolean;
  /**
   * Connects; the context serves nothing before.
   * @throws DatabaseUnavailable; ConfigError when `SECRET_KEY` does not fit the database
   */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A context whose statements may run in a transaction that somebody else has opened. */
export type Work = Omit<Context, 'db'> & { db: Queryable };

/** What is settled before a context can be made. */
export interface Foundation {
  config: Config;
  log: Log;
  publicUrl: string;
  secretKey: string;
  /** Where requests are served from, as the serving role. */
  connection: ConnectionSource;
  /** The same without a transaction pooler in between. */
  directConnection: ConnectionSource;
  /** How sign-in providers are reached, if not as usual. */
  providerFetch?: Fetch;
}

/** Puts the parts together; nothing is connected before `start`, which needs a migrated database. */
export function createContext(foundation: Foundation): Context {
  const { config, log, publicUrl, secretKey } = foundation;
  const keys = deriveKeys(secretKey);
  const db = openDatabase(foundation);
  const signingKeys = new SigningKeys(db, keys.signingKeyEncryption, (err) =>
    log.error({ err }, 'signing keys could not be refreshed'),
  );
  const metrics = new Metrics(() => db.stats());
  const redis = openRedis(foundation, metrics);
  const rateBuckets = new TokenBuckets(db, redis, metrics.rateDecisions);
  const { listener, ...states } = listenForAccountChanges(foundation, db, { redis, metrics });
  const jobs = new JobQueue<JobPayloads>(db, JOB_POLICIES);
  metrics.watchJobs(jobCounts(db));
  const mailer = openMailer(foundation, metrics);
  return {
    config,
    publicUrl,
    log,
    db,
    keys,
    passwords: new PasswordHasher(),
    signingKeys,
    accessTokens: new AccessTokens(signingKeys, publicUrl),
    ...states,
    foreignTokens: config.foreignTokens && new ForeignTokens(config.foreignTokens),
    apiTokenUses: new ApiTokenUses(db, (err) =>
      log.warn({ err }, 'the use of an API token could not be noted'),
    ),
    providers: openProviders(foundation, metrics),
    refreshCookie: new RefreshCookie(publicUrl, config),
    redis,
    rateBuckets,
    requestLimits: new RequestLimits(config.rateLimits, rateBuckets),
    mailLimit: mailLimitOf(config, rateBuckets),
    metrics,
    jobs,
    mailer,
    isStopping: false,
    async start() {
      await Promise.all([signingKeys.start(), redis?.start()]);
      await jobs.start();
      listener.start();
    },
    async close() {
      signingKeys.close();
      mailer.close();
      await listener.close();
      redis?.close();
      await db.close();
    },
  };
}

/** The pool that requests and commands work with. */
export function openDatabase({
  config,
  log,
  connection,
}: Pick<Foundation, 'config' | 'log' | 'connection'>): Database {
  const { database } = config;
  return new Database({
    connection,
    poolMax: database.poolMax,
    poolMin: database.poolMin,
    maxLifetimeSeconds: Math.ceil(database.poolMaxLifetimeMs / 1000),
    acquireTimeoutMs: database.poolTimeoutMs,
    statementTimeoutMs: database.statementTimeoutMs,
    prepared: database.isPrepared,
    maxWaiting: MAX_WAITING_STATEMENTS,
    onError: (err) => log.warn({ err }, 'a database connection was lost'),
  });
}

function openRedis({ config, log }: Foundation, metrics: Metrics): RedisConnection | null {
  if (!config.redis) return null;
  const redis = new RedisConnection({
    url: config.redis.url,
    onChange(isUp, reason) {
      if (isUp) log.info('redis answers');
      else log.warn({ reason }, 'redis is away; the database and the memory decide');
    },
  });
  metrics.watchRedis(() => redis.isUsable());
  return redis;
}

function openProviders(foundation: Foundation, metrics: Metrics): Providers {
  const { config, log, publicUrl, providerFetch } = foundation;
  return new Providers(config.providers, {
    publicUrl,
    log,
    answers: metrics.providerAnswers,
    ...(providerFetch && { fetch: providerFetch }),
  });
}

function mailLimitOf(config: Config, buckets: TokenBuckets): MailLimit {
  const rate = config.rateLimits.perMailRecipient;
  return new MailLimit(buckets, rate && bucketRule('mail', 'shared', rate));
}

function listenForAccountChanges(
  { log, directConnection }: Foundation,
  db: Database,
  parts: Pick<Context, 'redis' | 'metrics'>,
) {
  const heard: { hear(message: string): void; clear(): void }[] = [];
  const listener = new PostgresListener({
    connect: () => connectClient(directConnection),
    channel: SessionStates.channel,
    onMessage(message) {
      for (const states of heard) states.hear(message);
    },
    onGap() {
      for (const states of heard) states.clear();
    },
    onError: (err) => log.warn({ err }, 'the listener for account changes lost its connection'),
  });
  const sessionStates = new SessionStates(db, listener, parts);
  const apiTokenStates = new ApiTokenStates(db, listener, parts);
  const foreignUserStates = new ForeignUserStates(db, listener, parts);
  heard.push(sessionStates, apiTokenStates, foreignUserStates);
  return { listener, sessionStates, apiTokenStates, foreignUserStates };
}
