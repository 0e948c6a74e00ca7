import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** One key pair; the private half is encrypted. */
export interface SigningKeyRow {
  kid: string;
  public_jwk: Record<string, unknown>;
  private_key_encrypted: Buffer;
  /** Its time to sign has come. */
  is_active: boolean;
  /** It has signed for so long that a successor is due. */
  is_old: boolean;
}

/** Takes the lock under which keys are made, until the transaction ends. */
const lockKeys = defineStatement<Record<never, never>, unknown>('signing_keys.lock', () =>
  builder.selectNoFrom(
    sql`pg_advisory_xact_lock(hashtextextended('docket:signing_keys', 0))`.as('lock'),
  ),
);

const listKeys = defineStatement<{ rotateAfterDays: number }, SigningKeyRow>(
  'signing_keys.list',
  (p) =>
    builder
      .selectFrom('signing_keys')
      .select(['kid', 'public_jwk', 'private_key_encrypted'])
      .select([
        // Not now(), the begin of the transaction: whoever waited for the lock sees newer keys.
        sql<boolean>`active_from <= statement_timestamp()`.as('is_active'),
        sql<boolean>`active_from <= now() - make_interval(days => ${p.rotateAfterDays}::int)`.as(
          'is_old',
        ),
      ])
      .where(sql<boolean>`retires_at > now()`)
      .orderBy('active_from', 'desc')
      .orderBy('kid'),
);

interface NewSigningKey {
  kid: string;
  publicJwk: string;
  privateKeyEncrypted: Buffer;
  activeInSeconds: number;
  lifeDays: number;
}

const insertKey = defineStatement<NewSigningKey, { kid: string }>('signing_keys.insert', (p) =>
  builder
    .insertInto('signing_keys')
    .values({
      kid: p.kid,
      algorithm: 'ES256',
      public_jwk: sql`${p.publicJwk}::jsonb`,
      private_key_encrypted: p.privateKeyEncrypted,
      // Cut to the column's milliseconds: rounded up, the key would not be active yet.
      active_from: sql`date_trunc('milliseconds', now()) + make_interval(secs => ${p.activeInSeconds}::int)`,
      retires_at: sql`now() + make_interval(days => ${p.lifeDays}::int)`,
    })
    .returning('kid'),
);

const retireKeys = defineStatement<Record<never, never>, { kid: string }>(
  'signing_keys.retire',
  () =>
    builder
      .updateTable('signing_keys')
      // Cut to the column's milliseconds: rounded up, the key would still be good for a moment.
      .set({ retires_at: sql`date_trunc('milliseconds', now())` })
      .where(sql<boolean>`retires_at > now()`)
      .returning('kid'),
);

/** Waits until no other process makes keys; holds until the transaction ends. */
export async function lockSigningKeys(tx: Queryable): Promise<void> {
  await tx.run(lockKeys({}));
}

/** Keys that are not retired, newest first. */
export function listSigningKeys(db: Queryable, rotateAfterDays: number): Promise<SigningKeyRow[]> {
  return db.run(listKeys({ rotateAfterDays }));
}

/** Adds a key that signs from `activeInSeconds` on and is accepted for `lifeDays`. */
export async function insertSigningKey(tx: Queryable, key: NewSigningKey): Promise<void> {
  await tx.run(insertKey(key));
}

/** Retires every key at once, so that no token issued so far is accepted any more. */
export async function retireSigningKeys(tx: Queryable): Promise<number> {
  return (await tx.run(retireKeys({}))).length;
}
