import { anonymousApi, api, bodyOf } from './client.ts';
import { ApiError } from './problem.ts';

/**
 * Creates an account; `undefined` when the server answers the same for new and for known addresses.
 * @throws ApiError `user.email_taken`, `registration.closed`, `request.invalid`
 */
export async function register(input: { email: string; password: string; name?: string }) {
  const answer = await bodyOf(anonymousApi.POST('/api/v1/register', { body: input }));
  return 'user' in answer ? answer.user : undefined;
}

/** The person's own account, with what only they see of it. */
export function fetchOwnAccount(signal: AbortSignal) {
  return bodyOf(api.GET('/api/v1/users/me', { signal }));
}

/**
 * Has a link to choose a new password mailed, if there is such an account.
 * @throws ApiError `request.invalid`, `rate.limited`
 */
export async function requestPasswordReset(email: string): Promise<void> {
  await bodyOf(anonymousApi.POST('/api/v1/password/forgot', { body: { email } }));
}

/**
 * Sets a new password by a mailed link, which ends all sessions.
 * @throws ApiError `token.expired_or_unknown`, `request.invalid`
 */
export async function resetPassword(input: { token: string; password: string }): Promise<void> {
  await bodyOf(anonymousApi.POST('/api/v1/password/reset', { body: input }));
}

/** Verifies an address by a mailed link. @throws ApiError `token.expired_or_unknown` */
export async function verifyEmail(token: string) {
  const path = { token };
  return bodyOf(anonymousApi.GET('/api/v1/verify/{token}', { params: { path } }));
}

/** Has a new link to verify an address mailed, if it has yet to be. @throws ApiError `rate.limited` */
export async function resendVerification(email: string): Promise<void> {
  await bodyOf(anonymousApi.POST('/api/v1/verify/resend', { body: { email } }));
}

/**
 * Moves an account to its new address by a mailed link.
 * @throws ApiError `token.expired_or_unknown`, `user.email_taken`
 */
export async function confirmEmail(token: string): Promise<void> {
  await bodyOf(anonymousApi.POST('/api/v1/users/me/email/confirm', { body: { token } }));
}

/**
 * Creates the first administrator by the link that the server printed.
 * @throws ApiError `token.expired_or_unknown`, `request.invalid`
 */
export async function setUp(input: {
  token: string;
  email: string;
  password: string;
  name?: string;
}): Promise<void> {
  await bodyOf(anonymousApi.POST('/api/v1/setup', { body: input }));
}

/** Whether a refusal is about the link itself: used, expired, or mangled on its way. */
export function isDeadLink(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const isTokenRefused = error.fieldErrors.some(({ pointer }) => pointer.endsWith('token'));
  return error.status === 410 || error.status === 404 || isTokenRefused;
}
