import type { AnonymousActor } from '../../auth/actor.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Work } from '../../context.ts';
import {
  endSessionsOf,
  raiseAuthVersion,
  unlinkIdentitiesOf,
} from '../account-changes/account-changes.service.ts';
import { revokeApiTokensOf } from '../api-tokens/api-tokens.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { voidTokens } from '../mailed-tokens/mailed-tokens.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import { attachIdentity } from './attach-identity.service.ts';
import * as repository from './matched-accounts.repository.ts';
import { labelOf } from './provider-label.ts';

/**
 * Gives an account whose address nobody had proven to the person who proves it, as part of a
 * transaction that holds the account. Somebody else may have made it: nothing by which they could act
 * in it stays. Its tasks do.
 */
export async function takeOver(
  ctx: Work,
  actor: AnonymousActor,
  userId: string,
  identity: ProviderIdentity,
): Promise<void> {
  const { db } = ctx;
  const { provider, issuer, subject, email, name, pictureUrl } = identity;
  await repository.takeOver(db, { id: userId, name, avatarUrl: pictureUrl });
  await raiseAuthVersion(db, userId);
  await endSessionsOf(db, userId, 'revoked');
  await voidTokens(db, userId);
  await revokeApiTokensOf(db, actor, userId);
  await unlinkIdentitiesOf(db, actor, userId);
  await repository.deleteFlows(db, userId);
  await attachIdentity(db, actor, { userId, identity, isUsed: true });
  const label = labelOf(ctx, provider);
  await enqueueNotice(ctx, actor, userId, 'account_taken_over', { provider: label });
  await recordEvent(db, actor, {
    action: 'user.taken_over',
    target: { kind: 'user', id: userId },
    userId,
    changes: { provider },
    personal: { issuer, subject, email },
  });
}
