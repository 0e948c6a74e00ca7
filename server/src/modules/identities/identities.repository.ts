import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** An identity of a person, as they see it; never what they are called at the provider. */
export interface IdentityRow {
  id: string;
  provider: string;
  email: string | null;
  created_at: string;
  last_used_at: string | null;
}

/** The same with what the provider calls them, for the audit log. */
export type WholeIdentityRow = IdentityRow & { issuer: string; subject: string };

/** What is said of somebody by whoever vouches for them. */
interface Word {
  issuer: string;
  subject: string;
  email: string | null;
  isEmailProven: boolean;
}

export interface NewIdentity extends Word {
  userId: string;
  id: string;
  provider: string;
  /** Whether they sign in by it at this moment. */
  isUsed: boolean;
}

const IDENTITY_COLUMNS = ['id', 'provider', 'email', 'created_at', 'last_used_at'] as const;

/** What is kept of another front end's people is none of a provider's. */
const ownerStatement = defineStatement<Pick<Word, 'issuer' | 'subject'>, { user_id: string }>(
  'identities.find_owner',
  (p) =>
    builder
      .selectFrom('user_auth_providers')
      .select('user_id')
      .where('issuer', '=', p.issuer)
      .where('subject', '=', p.subject)
      .where('provider', '<>', 'foreign'),
);

const insertStatement = defineStatement<NewIdentity>('identities.insert', (p) =>
  builder
    .insertInto('user_auth_providers')
    .values({
      user_id: p.userId,
      id: p.id,
      provider: p.provider,
      issuer: p.issuer,
      subject: p.subject,
      email: p.email,
      is_email_proven: p.isEmailProven,
      last_used_at: sql`case when ${p.isUsed}::boolean then now() end`,
    })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing()),
);

const noteUseStatement = defineStatement<Word & { userId: string; isUsed: boolean }>(
  'identities.note_use',
  (p) => sql`
    update user_auth_providers set email = ${p.email}, is_email_proven = ${p.isEmailProven},
      last_used_at = case when ${p.isUsed}::boolean then now() else last_used_at end
    where user_id = ${p.userId}::uuid and issuer = ${p.issuer} and subject = ${p.subject}`,
);

const listStatement = defineStatement<{ userId: string }, WholeIdentityRow>(
  'identities.list',
  (p) =>
    builder
      .selectFrom('user_auth_providers')
      .select([...IDENTITY_COLUMNS, 'issuer', 'subject'])
      .where('user_id', '=', p.userId)
      .orderBy('created_at')
      .orderBy('id'),
);

const deleteStatement = defineStatement<{ userId: string; id: string }>('identities.delete', (p) =>
  builder.deleteFrom('user_auth_providers').where('user_id', '=', p.userId).where('id', '=', p.id),
);

const deleteOffersStatement = defineStatement<{ userId: string }>('identities.delete_offers', (p) =>
  builder.deleteFrom('merge_offers').where('merged_user_id', '=', p.userId),
);

/** Whose an identity of a provider is; undefined where it is nobody's. */
export async function findOwnerId(
  db: Queryable,
  { issuer, subject }: Pick<Word, 'issuer' | 'subject'>,
): Promise<string | undefined> {
  return (await db.run(ownerStatement({ issuer, subject })))[0]?.user_id;
}

/** Adds an identity to an account; answers false where it is somebody's already. */
export async function insertIdentity(db: Queryable, identity: NewIdentity): Promise<boolean> {
  return (await db.execute(insertStatement(identity))) > 0;
}

/** Notes what a provider says of somebody now, and that they have signed in by it. */
export async function noteWord(
  db: Queryable,
  word: Word & { userId: string; isUsed: boolean },
): Promise<void> {
  await db.run(noteUseStatement(word));
}

/** The identities of a user, the oldest first. */
export function listIdentities(db: Queryable, userId: string): Promise<WholeIdentityRow[]> {
  return db.run(listStatement({ userId }));
}

/** Takes an identity from a user. */
export async function deleteIdentity(db: Queryable, userId: string, id: string): Promise<void> {
  await db.run(deleteStatement({ userId, id }));
}

/** Ends the offers to merge the account of a user into others. */
export async function deleteOffers(db: Queryable, userId: string): Promise<void> {
  await db.run(deleteOffersStatement({ userId }));
}
