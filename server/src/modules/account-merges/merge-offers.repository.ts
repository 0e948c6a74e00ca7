import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** Who holds an offer, and where it is good. */
interface OfferKey {
  userId: string;
  sessionId: string;
  tokenHash: Buffer;
}

interface NewOffer extends OfferKey {
  mergedUserId: string;
  mergedAuthVersion: number;
  lifeSeconds: number;
}

/** An account that somebody may merge into theirs. */
export interface OfferedAccount {
  email: string | null;
  name: string | null;
  /** Those in the trash too. */
  task_count: number;
  expires_at: string;
}

/** What decides whether an account is offered. */
interface AccountState {
  status: 'unverified' | 'active' | 'disabled';
  is_deleted: boolean;
  auth_version: number;
}

/** In the session that it was made in, once, and while the other account is as it was. */
const isUsable = (p: OfferKey) => sql<boolean>`
  merge_offers.user_id = ${p.userId}::uuid and merge_offers.token_hash = ${p.tokenHash}
  and merge_offers.session_id = ${p.sessionId}::uuid
  and merge_offers.used_at is null and merge_offers.expires_at > now()
  and users.id = merge_offers.merged_user_id and users.deleted_at is null
  and users.status <> 'disabled' and users.auth_version = merge_offers.merged_auth_version`;

const findStateStatement = defineStatement<{ id: string }, AccountState>(
  'merge_offers.find_state',
  (p) => sql`
    select status, deleted_at is not null as is_deleted, auth_version
    from users where id = ${p.id}::uuid`,
);

const insertStatement = defineStatement<NewOffer>('merge_offers.insert', (p) =>
  builder.insertInto('merge_offers').values({
    user_id: p.userId,
    token_hash: p.tokenHash,
    session_id: p.sessionId,
    merged_user_id: p.mergedUserId,
    merged_auth_version: p.mergedAuthVersion,
    expires_at: sql`now() + make_interval(secs => ${p.lifeSeconds}::int)`,
  }),
);

const findStatement = defineStatement<OfferKey, OfferedAccount & { merged_user_id: string }>(
  'merge_offers.find',
  (p) => sql`
    select merged_user_id, users.email, users.name, merge_offers.expires_at,
      coalesce(pending + in_progress + completed + trashed, 0) as task_count
    from merge_offers, users left join task_counts on task_counts.user_id = users.id
    where ${isUsable(p)}`,
);

const consumeStatement = defineStatement<OfferKey>(
  'merge_offers.consume',
  (p) => sql`update merge_offers set used_at = now() from users where ${isUsable(p)}`,
);

const purgeStatement = defineStatement<{ limit: number }>(
  'merge_offers.purge',
  (p) => sql`
    delete from merge_offers where (user_id, token_hash) in (
      select user_id, token_hash from merge_offers where expires_at < now()
      limit ${p.limit}::int for update skip locked)`,
);

/** The state of an account, deleted or not. */
export async function findAccountState(
  db: Queryable,
  id: string,
): Promise<AccountState | undefined> {
  return (await db.run(findStateStatement({ id })))[0];
}

/** Stores an offer. */
export async function insertOffer(db: Queryable, offer: NewOffer): Promise<void> {
  await db.execute(insertStatement(offer));
}

/** What an offer is about; undefined where it is of no use (any more). */
export async function findOffer(
  db: Queryable,
  key: OfferKey,
): Promise<(OfferedAccount & { merged_user_id: string }) | undefined> {
  return (await db.run(findStatement(key)))[0];
}

/** Uses an offer up, at most once; answers whether it was of use. */
export async function consumeOffer(db: Queryable, key: OfferKey): Promise<boolean> {
  return (await db.execute(consumeStatement(key))) > 0;
}

/** Deletes up to `limit` offers whose time is over; answers how many. */
export function deleteOldOffers(db: Queryable, limit: number): Promise<number> {
  return db.execute(purgeStatement({ limit }));
}
