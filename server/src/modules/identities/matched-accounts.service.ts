import { isAdministrative } from '../../auth/permissions.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { accessOf } from '../roles/roles.service.ts';
import { Outrun } from './attach-identity.service.ts';
import { findOwnerId } from './identities.repository.ts';
import { addressOf, type MatchedAccount, type Situation } from './match-identity.policy.ts';
import * as repository from './matched-accounts.repository.ts';

/**
 * Everything here that may be somebody's who signs in by a provider. Whatever account that is stays as
 * it is until the end of the transaction.
 * @throws Outrun where the identity has changed hands meanwhile
 */
export async function accountsOf(
  db: Queryable,
  identity: ProviderIdentity,
): Promise<Pick<Situation, 'owner' | 'namesake'>> {
  const ownerId = await findOwnerId(db, identity);
  if (ownerId !== undefined) {
    const owner = await repository.lockAccount(db, ownerId);
    if (!owner || (await findOwnerId(db, identity)) !== ownerId) throw new Outrun();
    return { owner: await toMatched(db, owner), namesake: null };
  }
  const address = addressOf(identity);
  if (address === null) return { owner: null, namesake: null };
  const namesake =
    (await repository.lockAccountByEmail(db, address)) ??
    (await repository.findDeletedAccount(db, address));
  // The account may have been made for this very identity since it was asked about.
  if (namesake && (await findOwnerId(db, identity)) !== undefined) throw new Outrun();
  return { owner: null, namesake: namesake ? await toMatched(db, namesake) : null };
}

/** Whose an identity is, as the account is at the moment; null: nobody's. */
export async function ownerOf(
  db: Queryable,
  identity: ProviderIdentity,
): Promise<MatchedAccount | null> {
  const ownerId = await findOwnerId(db, identity);
  const owner = ownerId === undefined ? undefined : await repository.findAccount(db, ownerId);
  return owner ? toMatched(db, owner) : null;
}

/** An account, held until the end of the transaction. */
export async function holdAccount(db: Queryable, id: string): Promise<MatchedAccount | null> {
  const account = await repository.lockAccount(db, id);
  return account ? toMatched(db, account) : null;
}

async function toMatched(db: Queryable, row: repository.AccountRow): Promise<MatchedAccount> {
  const { permissions } = await accessOf(db, row.id);
  return {
    id: row.id,
    canonicalEmail: row.email_canonical,
    status: row.status,
    isEmailVerified: row.is_email_verified,
    isDeleted: row.is_deleted,
    isPrivileged: permissions.some(isAdministrative),
  };
}
