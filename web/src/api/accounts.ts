import { anonymousApi, bodyOf } from './client.ts';

/**
 * Creates an account; `undefined` when the server answers the same for new and for known addresses.
 * @throws ApiError `user.email_taken`, `registration.closed`, `request.invalid`
 */
export async function register(input: { email: string; password: string; name?: string }) {
  const answer = await bodyOf(anonymousApi.POST('/api/v1/register', { body: input }));
  return answer?.user;
}
