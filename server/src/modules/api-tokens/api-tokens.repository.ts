import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

export interface ApiTokenKey {
  userId: string;
  id: string;
}

/** A token as its owner sees it: never the token itself, nor its hash. */
export interface ApiTokenRow {
  id: string;
  name: string;
  hint: string;
  scopes: Permission[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  is_expired: boolean;
}

export interface NewApiToken extends ApiTokenKey {
  name: string;
  tokenHash: Buffer;
  hint: string;
  scopes: string[];
  /** null: never. */
  expiresAt: string | null;
}

/** What decides whether a token is good, and for what. */
interface ApiTokenState {
  id: string;
  user_id: string;
  is_revoked: boolean;
  is_expired: boolean;
  /** The owner is neither deleted nor disabled. */
  is_owner_active: boolean;
  /** Scopes that the owner holds at present. */
  permissions: Permission[];
  expires_at_ms: number | null;
}

interface RevokedToken {
  name: string;
  token_hash: Buffer;
}

interface ListQuery {
  userId: string;
  /** Most rows to answer. */
  limit: number;
  /** Id of the token before the first; null: from the beginning. */
  afterId: string | null;
}

const IS_EXPIRED = sql<boolean>`coalesce(api_tokens.expires_at <= now(), false)`;

const TOKEN_COLUMNS = [
  'id',
  'name',
  'hint',
  sql<Permission[]>`scopes`.as('scopes'),
  'created_at',
  'expires_at',
  'last_used_at',
  IS_EXPIRED.as('is_expired'),
] as const;

/** Ids are in the order of time. */
const listStatement = defineStatement<ListQuery, ApiTokenRow>('api_tokens.list', (p) =>
  builder
    .selectFrom('api_tokens')
    .select(TOKEN_COLUMNS)
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`(${p.afterId}::uuid is null or id < ${p.afterId}::uuid)`)
    .orderBy('id', 'desc')
    .limit(p.limit),
);

const lockOwnerStatement = defineStatement<{ userId: string }>('api_tokens.lock_owner', (p) =>
  builder
    .selectFrom('users')
    .select('id')
    .where('id', '=', p.userId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate(),
);

const countStatement = defineStatement<{ userId: string }, { count: number }>(
  'api_tokens.count',
  (p) => sql`
    select count(*) as count from api_tokens
    where user_id = ${p.userId}::uuid and revoked_at is null and not ${IS_EXPIRED}`,
);

const insertStatement = defineStatement<NewApiToken, ApiTokenRow>('api_tokens.insert', (p) =>
  builder
    .insertInto('api_tokens')
    .values({
      user_id: p.userId,
      id: p.id,
      name: p.name,
      token_hash: p.tokenHash,
      hint: p.hint,
      scopes: p.scopes,
      expires_at: p.expiresAt,
    })
    .returning(TOKEN_COLUMNS),
);

const revokeStatement = defineStatement<ApiTokenKey, RevokedToken>('api_tokens.revoke', (p) =>
  builder
    .updateTable('api_tokens')
    .set({ revoked_at: sql`now()` })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('revoked_at', 'is', null)
    .returning(['name', 'token_hash']),
);

const revokeAllStatement = defineStatement<{ userId: string }>('api_tokens.revoke_all', (p) =>
  builder
    .updateTable('api_tokens')
    .set({ revoked_at: sql`now()` })
    .where('user_id', '=', p.userId)
    .where('revoked_at', 'is', null),
);

/** The only question that is asked without knowing whose rows it reads: the hash tells. */
const findStateStatement = defineStatement<{ tokenHash: Buffer }, ApiTokenState>(
  'api_tokens.find_state',
  (p) => sql`
    select api_tokens.id, api_tokens.user_id,
      api_tokens.revoked_at is not null as is_revoked,
      ${IS_EXPIRED} as is_expired,
      users.deleted_at is null and users.status <> 'disabled' as is_owner_active,
      array(
        select distinct permission_name from user_roles join role_permissions using (role_name)
        where user_roles.user_id = api_tokens.user_id and permission_name = any(api_tokens.scopes)
      ) as permissions,
      floor(extract(epoch from api_tokens.expires_at) * 1000)::bigint as expires_at_ms
    from api_tokens join users on users.id = api_tokens.user_id
    where api_tokens.token_hash = ${p.tokenHash}::bytea`,
);

const noteUseStatement = defineStatement<ApiTokenKey & { everySeconds: number }>(
  'api_tokens.note_use',
  (p) => sql`
    update api_tokens set last_used_at = now()
    where user_id = ${p.userId}::uuid and id = ${p.id}::uuid
      and (last_used_at is null
        or last_used_at <= now() - make_interval(secs => ${p.everySeconds}::int))`,
);

const purgeStatement = defineStatement<{ keepDays: number; limit: number }, { id: string }>(
  'api_tokens.purge',
  (p) => sql`
    delete from api_tokens where (user_id, id) in (
      select user_id, id from api_tokens
      where revoked_at < now() - make_interval(days => ${p.keepDays}::int)
        or expires_at < now() - make_interval(days => ${p.keepDays}::int)
      limit ${p.limit}::int for update skip locked)
    returning id`,
);

/** Tokens of a user that are not revoked, the newest first. */
export function listApiTokens(db: Queryable, query: ListQuery): Promise<ApiTokenRow[]> {
  return db.run(listStatement(query));
}

/** Holds a user until the end of the transaction; false where there is no such user (any more). */
export async function lockOwner(db: Queryable, userId: string): Promise<boolean> {
  return (await db.run(lockOwnerStatement({ userId }))).length > 0;
}

/** How many tokens of a user are good. */
export async function countLiveApiTokens(db: Queryable, userId: string): Promise<number> {
  return (await db.run(countStatement({ userId })))[0]?.count ?? 0;
}

/** Adds a token. */
export async function insertApiToken(db: Queryable, token: NewApiToken): Promise<ApiTokenRow> {
  const [row] = await db.run(insertStatement(token));
  if (!row) throw new Error('the API token was not stored');
  return row;
}

/** Revokes a token and answers by what others know it; undefined where there is none to revoke. */
export async function revokeApiToken(
  db: Queryable,
  key: ApiTokenKey,
): Promise<RevokedToken | undefined> {
  return (await db.run(revokeStatement(key)))[0];
}

/** Revokes every token of a user; answers how many there were to revoke. */
export function revokeApiTokens(db: Queryable, userId: string): Promise<number> {
  return db.execute(revokeAllStatement({ userId }));
}

/** The token with the hash, whatever its state. */
export async function findApiTokenState(
  db: Queryable,
  tokenHash: Buffer,
): Promise<ApiTokenState | undefined> {
  return (await db.run(findStateStatement({ tokenHash })))[0];
}

/** Notes that a token was used just now, unless that was noted in the last `everySeconds`. */
export async function noteUse(
  db: Queryable,
  key: ApiTokenKey,
  everySeconds: number,
): Promise<void> {
  await db.execute(noteUseStatement({ ...key, everySeconds }));
}

/** Deletes up to `limit` tokens that are good for nothing since `keepDays`; answers how many. */
export async function deleteOldApiTokens(
  db: Queryable,
  keepDays: number,
  limit: number,
): Promise<number> {
  return (await db.run(purgeStatement({ keepDays, limit }))).length;
}
