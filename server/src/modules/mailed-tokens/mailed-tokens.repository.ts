import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

export type Purpose = 'verify' | 'reset' | 'change_email';

/** What a token that was used says about the account that it was mailed to. */
interface UsedToken {
  user_id: string;
}

interface TokenKey {
  purpose: Purpose;
  tokenHash: Buffer;
}

interface NewToken extends TokenKey {
  userId: string;
  lifeSeconds: number;
}

/** The address that a token of the purpose is about. Addresses are ASCII, so that this is their canonical form. */
const addressFor = (purpose: Purpose) =>
  sql`case when ${purpose}::text = 'change_email' then lower(users.pending_email)
    else users.email_canonical end`;

/** The token is its account's, as that is now, and nobody has used it yet. */
const isUsable = (p: TokenKey) => sql<boolean>`
  mailed_tokens.token_hash = ${p.tokenHash} and mailed_tokens.purpose = ${p.purpose}
  and mailed_tokens.used_at is null and mailed_tokens.expires_at > now()
  and users.id = mailed_tokens.user_id and users.deleted_at is null
  and users.status <> 'disabled' and users.auth_version = mailed_tokens.auth_version
  and mailed_tokens.email_canonical = ${addressFor(p.purpose)}`;

const lockUserStatement = defineStatement<{ userId: string }>('mailed_tokens.lock_user', (p) =>
  builder.selectFrom('users').select('id').where('id', '=', p.userId).forUpdate(),
);

const mintStatement = defineStatement<NewToken, { email_canonical: string }>(
  'mailed_tokens.mint',
  (p) => sql`
    with voided as (
      update mailed_tokens set expires_at = now()
      where user_id = ${p.userId}::uuid and purpose = ${p.purpose}
        and used_at is null and expires_at > now()
    )
    insert into mailed_tokens (user_id, purpose, token_hash, email_canonical, auth_version, expires_at)
    select users.id, ${p.purpose}, ${p.tokenHash}, ${addressFor(p.purpose)}, users.auth_version,
      now() + make_interval(secs => ${p.lifeSeconds}::int)
    from users
    where users.id = ${p.userId}::uuid and users.deleted_at is null and users.status <> 'disabled'
      and ${addressFor(p.purpose)} is not null
    returning email_canonical`,
);

/** The account is held, so that nothing about it changes between this and what the token allows. */
const consumeStatement = defineStatement<TokenKey, UsedToken>(
  'mailed_tokens.consume',
  (p) => sql`
    update mailed_tokens set used_at = now()
    from (
      select * from users
      where id = (select user_id from mailed_tokens where token_hash = ${p.tokenHash}) for update
    ) as users
    where ${isUsable(p)}
    returning mailed_tokens.user_id`,
);

const isUsableStatement = defineStatement<TokenKey>(
  'mailed_tokens.is_usable',
  (p) => sql`select 1 from mailed_tokens, users where ${isUsable(p)}`,
);

const isProvenStatement = defineStatement<{ tokenHash: Buffer }>(
  'mailed_tokens.is_proven',
  (p) => sql`
    select 1 from mailed_tokens join users on users.id = mailed_tokens.user_id
    where token_hash = ${p.tokenHash} and purpose = 'verify'
      and users.deleted_at is null and users.status <> 'disabled'
      and users.email_verified_at is not null
      and users.email_canonical = mailed_tokens.email_canonical`,
);

const voidAllStatement = defineStatement<{ userId: string }>(
  'mailed_tokens.void_all',
  (p) => sql`
    update mailed_tokens set expires_at = now()
    where user_id = ${p.userId}::uuid and used_at is null and expires_at > now()`,
);

const purgeStatement = defineStatement<{ keepDays: number; limit: number }>(
  'mailed_tokens.purge',
  (p) => sql`
    delete from mailed_tokens where (user_id, purpose, token_hash) in (
      select user_id, purpose, token_hash from mailed_tokens
      where expires_at < now() - make_interval(days => ${p.keepDays}::int)
      limit ${p.limit}::int for update skip locked)`,
);

/** Holds a user until the end of the transaction, so that two tokens of theirs are made one after the other. */
export async function lockUser(db: Queryable, userId: string): Promise<void> {
  await db.run(lockUserStatement({ userId }));
}

/** Stores a token and voids those of the same purpose; answers for which address, undefined where there is none. */
export async function insertToken(db: Queryable, token: NewToken): Promise<string | undefined> {
  return (await db.run(mintStatement(token)))[0]?.email_canonical;
}

/** Uses a token up, at most once; undefined where it is of no use (any more). */
export async function consumeToken(db: Queryable, key: TokenKey): Promise<UsedToken | undefined> {
  return (await db.run(consumeStatement(key)))[0];
}

/** Whether `consumeToken` would succeed. */
export async function isTokenUsable(db: Queryable, key: TokenKey): Promise<boolean> {
  return (await db.run(isUsableStatement(key))).length > 0;
}

/** Whether the address that a verification link was mailed to is the account's, and proven. */
export async function isAddressProven(db: Queryable, tokenHash: Buffer): Promise<boolean> {
  return (await db.run(isProvenStatement({ tokenHash }))).length > 0;
}

/** Makes every unused token of a user useless. */
export async function voidTokens(db: Queryable, userId: string): Promise<void> {
  await db.run(voidAllStatement({ userId }));
}

/** Deletes up to `limit` tokens that are over for `keepDays`; answers how many. */
export function deleteOldTokens(db: Queryable, keepDays: number, limit: number): Promise<number> {
  return db.execute(purgeStatement({ keepDays, limit }));
}
