import { api, bodyOf } from './client.ts';
import type { Merge, MergeOffer } from './schema.ts';

export type { Merge, MergeOffer };

/** An offer with the token that accepts it. */
export type OpenMergeOffer = MergeOffer & { token: string };

/**
 * Proves another account of the same person, which changes nothing yet.
 * @throws ApiError `credentials.invalid`, `merge.same_account`, `fresh_sign_in.required`, `rate.limited`
 */
export async function offerMerge(input: {
  email: string;
  password: string;
}): Promise<OpenMergeOffer> {
  return bodyOf(api.POST('/api/v1/users/me/merges/offers', { body: input }));
}

/** What an offer is about. @throws ApiError `merge.offer_invalid` */
export async function viewMergeOffer(token: string): Promise<OpenMergeOffer> {
  const offer = await bodyOf(api.POST('/api/v1/users/me/merges/offers/view', { body: { token } }));
  return { ...offer, token };
}

/**
 * Moves everything of the other account into this one.
 * @throws ApiError `fresh_sign_in.required`, `merge.offer_invalid`, `user.last_administrator`
 */
export async function acceptMerge(token: string, password?: string): Promise<Merge> {
  const body = { token, ...(password !== undefined && { password }) };
  return bodyOf(api.POST('/api/v1/users/me/merges', { body }));
}

/** The merges that can still be undone. */
export async function fetchMerges(signal: AbortSignal): Promise<Merge[]> {
  const { items } = await bodyOf(api.GET('/api/v1/users/me/merges', { signal }));
  return items;
}

/**
 * Gives back what came from the other account.
 * @throws ApiError `fresh_sign_in.required`, `merge.not_found`, `user.email_taken`
 */
export async function undoMerge(id: string, password?: string): Promise<void> {
  const params = { path: { id } };
  const body = password === undefined ? {} : { password };
  await bodyOf(api.POST('/api/v1/users/me/merges/{id}/undo', { params, body }));
}
