import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** By what the browser and the provider give back. */
export interface FlowKey {
  stateHash: Buffer;
  browserHash: Buffer;
  provider: string;
}

interface NewFlow extends FlowKey {
  /** Whose identity it is to become; null: a sign-in. */
  userId: string | null;
  sessionId: string | null;
  isRemembered: boolean;
  returnTo: string;
  keepSeconds: number;
}

export interface FlowRow {
  user_id: string | null;
  session_id: string | null;
  is_remembered: boolean;
  return_to: string;
}

const FLOW_COLUMNS = ['user_id', 'session_id', 'is_remembered', 'return_to'] as const;

const insertStatement = defineStatement<NewFlow>('provider_flows.insert', (p) =>
  builder.insertInto('provider_flows').values({
    state_hash: p.stateHash,
    browser_hash: p.browserHash,
    provider: p.provider,
    user_id: p.userId,
    session_id: p.sessionId,
    is_remembered: p.isRemembered,
    return_to: p.returnTo,
    expires_at: sql`now() + make_interval(secs => ${p.keepSeconds}::int)`,
  }),
);

const findStatement = defineStatement<FlowKey, FlowRow>('provider_flows.find', (p) =>
  builder
    .selectFrom('provider_flows')
    .select(FLOW_COLUMNS)
    .where('state_hash', '=', p.stateHash)
    .where('browser_hash', '=', p.browserHash)
    .where('provider', '=', p.provider)
    .where('expires_at', '>', sql<string>`now()`),
);

const takeStatement = defineStatement<FlowKey, FlowRow>('provider_flows.take', (p) =>
  builder
    .deleteFrom('provider_flows')
    .where('state_hash', '=', p.stateHash)
    .where('browser_hash', '=', p.browserHash)
    .where('provider', '=', p.provider)
    .where('expires_at', '>', sql<string>`now()`)
    .returning(FLOW_COLUMNS),
);

const purgeStatement = defineStatement<{ limit: number }>(
  'provider_flows.purge',
  (p) => sql`
    delete from provider_flows where state_hash in (
      select state_hash from provider_flows where expires_at < now() limit ${p.limit}::int)`,
);

/** Stores a sign-in under way. */
export async function insertFlow(db: Queryable, flow: NewFlow): Promise<void> {
  await db.run(insertStatement(flow));
}

/** A sign-in under way, which stays so. */
export async function findFlow(db: Queryable, key: FlowKey): Promise<FlowRow | undefined> {
  return (await db.run(findStatement(key)))[0];
}

/** Takes a sign-in under way; nobody else gets it. */
export async function takeFlow(db: Queryable, key: FlowKey): Promise<FlowRow | undefined> {
  return (await db.run(takeStatement(key)))[0];
}

/** Deletes up to `limit` that nobody has finished in time; answers how many. */
export function deleteOldFlows(db: Queryable, limit: number): Promise<number> {
  return db.execute(purgeStatement({ limit }));
}
