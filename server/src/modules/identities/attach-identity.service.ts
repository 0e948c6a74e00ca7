import type { Actor } from '../../auth/actor.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { DatabaseUnavailable } from '../../platform/postgres/errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { insertIdentity, type NewIdentity, noteWord } from './identities.repository.ts';
import { addressOf } from './match-identity.policy.ts';

/** However many come at once, the second decision knows what the first has lost against. */
const MAX_ATTEMPTS = 3;

/** Somebody else has changed meanwhile what was decided by. */
export class Outrun extends DatabaseUnavailable {
  constructor() {
    super('too many changes at once');
  }
}

/** Decides anew where others were faster. @throws DatabaseUnavailable, or whatever `decide` throws */
export async function untilSettled<T>(decide: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await decide();
    } catch (error) {
      if (!(error instanceof Outrun) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

interface Attachment {
  userId: string;
  identity: ProviderIdentity;
  /** Whether the person signs in by it at this moment. */
  isUsed: boolean;
}

/**
 * Makes an identity an account's, as part of a transaction that holds the account. Tokens of the
 * provider are kept nowhere.
 * @throws Outrun where it is somebody's already
 */
export async function attachIdentity(
  db: Queryable,
  actor: Actor,
  { userId, identity, isUsed }: Attachment,
): Promise<void> {
  const word = wordOf(identity);
  const { provider } = identity;
  if (!(await addIdentity(db, { ...word, userId, provider, isUsed }))) throw new Outrun();
  const { issuer, subject, email } = word;
  await recordEvent(db, actor, {
    action: 'identity.linked',
    target: { kind: 'user', id: userId },
    userId,
    changes: { provider },
    personal: { issuer, subject, email },
  });
}

/**
 * Stores an identity as an account's, also one of another front end; answers false where it is
 * somebody's already.
 */
export function addIdentity(
  db: Queryable,
  { isUsed = false, ...identity }: Omit<NewIdentity, 'id' | 'isUsed'> & { isUsed?: boolean },
): Promise<boolean> {
  return insertIdentity(db, { ...identity, id: uuidV7(), isUsed });
}

/** Notes what a provider says of somebody whom it has vouched for before. */
export function renewIdentity(
  db: Queryable,
  { userId, identity, isUsed }: Attachment,
): Promise<void> {
  return noteWord(db, { ...wordOf(identity), userId, isUsed });
}

function wordOf(identity: ProviderIdentity) {
  const { issuer, subject } = identity;
  const email = addressOf(identity) === null ? null : identity.email;
  return { issuer, subject, email, isEmailProven: email !== null && identity.isEmailProven };
}
