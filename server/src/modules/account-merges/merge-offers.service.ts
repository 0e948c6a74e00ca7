import type { SessionActor } from '../../auth/actor.ts';
import { hashOneTimeToken, isOneTimeToken, newOneTimeToken } from '../../auth/one-time-token.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { proveAccount } from '../users/prove-account.service.ts';
import * as repository from './merge-offers.repository.ts';

const LIFE_SECONDS = 10 * 60;

interface Credentials {
  email: string;
  password: string;
}

/** An offer, as long as it is good. */
export type Offer = repository.OfferedAccount;

/**
 * Offers the actor to merge an account into theirs that they have just shown to be theirs too, by a
 * provider. Answers the token with which they take the offer; nothing changes before.
 * @throws merge.same_account, provider.account_unavailable, user.unverified
 */
export async function offerMerge(
  ctx: Context,
  actor: SessionActor,
  mergedUserId: string,
): Promise<string> {
  const state = await repository.findAccountState(ctx.db, mergedUserId);
  if (!state || state.is_deleted || state.status === 'disabled') {
    throw new AppError('provider.account_unavailable');
  }
  if (state.status === 'unverified' && ctx.config.isVerifiedEmailRequired) {
    throw new AppError('user.unverified');
  }
  return addOffer(ctx, actor, mergedUserId, state.auth_version);
}

/**
 * Offers the actor to merge an account into theirs whose address and password they know. To be counted
 * as an attempt to sign in to it; whatever is wrong, the answer is the same.
 * @throws credentials.invalid, merge.same_account
 */
export async function offerMergeByPassword(
  ctx: Context,
  actor: SessionActor,
  credentials: Credentials,
): Promise<{ token: string; offer: Offer }> {
  const { origin } = actor;
  // Noted as every attempt is: the person sees where it came from.
  const proven = await proveAccount(ctx, { kind: 'anonymous', origin }, credentials);
  const token = await addOffer(ctx, actor, proven.id, proven.authVersion);
  return { token, offer: await viewOffer(ctx, actor, token) };
}

/**
 * What an offer is about.
 * @throws merge.offer_invalid
 */
export async function viewOffer(
  ctx: Work,
  actor: SessionActor,
  token: string,
): Promise<Offer & { merged_user_id: string }> {
  const offer = isOneTimeToken(token)
    ? await repository.findOffer(ctx.db, keyOf(actor, token))
    : undefined;
  if (!offer) throw new AppError('merge.offer_invalid');
  return offer;
}

/**
 * Uses an offer up, in the transaction of the merge, which holds both accounts.
 * @throws merge.offer_invalid
 */
export async function consumeOffer(
  { db }: Pick<Work, 'db'>,
  actor: SessionActor,
  token: string,
): Promise<void> {
  if (await repository.consumeOffer(db, keyOf(actor, token))) return;
  throw new AppError('merge.offer_invalid');
}

/**
 * Makes an offer. Nothing changes until the actor takes it: with the token answered, once, within ten
 * minutes, in this session, and while the other account stays as it is.
 * @throws merge.same_account
 */
async function addOffer(
  ctx: Context,
  actor: SessionActor,
  mergedUserId: string,
  mergedAuthVersion: number,
): Promise<string> {
  if (mergedUserId === actor.userId) throw new AppError('merge.same_account');
  const token = newOneTimeToken();
  const offer = { ...keyOf(actor, token), mergedUserId, mergedAuthVersion };
  await repository.insertOffer(ctx.db, { ...offer, lifeSeconds: LIFE_SECONDS });
  return token;
}

function keyOf({ userId, sessionId }: SessionActor, token: string) {
  return { userId, sessionId, tokenHash: hashOneTimeToken(token) };
}
