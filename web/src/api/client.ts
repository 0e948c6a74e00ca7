import createClient from 'openapi-fetch';
import { ApiError, toApiError, unreachable } from './problem.ts';
import type { paths } from './schema.ts';
import { getCredentials, renewCredentials } from './session.ts';

/** Refusals that a new access token may cure; every other 401 is about something else. */
const TOKEN_CODES = new Set([
  'token.missing',
  'token.invalid',
  'token.expired',
  'token.stale',
  'session.invalid',
]);

/**
 * Sends a request in the name of the signed-in person; a refused token is renewed once and the request repeated.
 * @throws ApiError `session.changed` when another person signed in meanwhile, so that nothing is done in the wrong name
 */
async function authorizedFetch(request: Request): Promise<Response> {
  const first = await getCredentials();
  const response = await send(request.clone(), first.accessToken);
  if (response.status !== 401) return response;
  const { code } = await toApiError(response.clone());
  if (!TOKEN_CODES.has(code)) return response;
  const second = await renewCredentials(first.accessToken);
  if (second.user.id !== first.user.id) {
    throw new ApiError({ status: 401, code: 'session.changed' });
  }
  return send(request, second.accessToken);
}

async function send(request: Request, accessToken: string): Promise<Response> {
  request.headers.set('authorization', `Bearer ${accessToken}`);
  return fetch(request).catch((cause: unknown) => {
    if (request.signal.aborted) throw cause;
    throw unreachable();
  });
}

const baseUrl = location.origin;

/** Calls in the name of the signed-in person. */
export const api = createClient<paths>({ baseUrl, fetch: authorizedFetch });

/** Calls that need nobody signed in. */
export const anonymousApi = createClient<paths>({
  baseUrl,
  fetch: (request) => fetch(request).catch(() => Promise.reject(unreachable())),
});

/** The body of a successful answer. @throws ApiError for every other answer */
export async function bodyOf<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (response.ok) return data as Data;
  throw problemOf(error, response);
}

function problemOf(error: unknown, response: Response): ApiError {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const unknown = { status: response.status, code: `http.${response.status}` };
  const problem = typeof error === 'object' && error !== null ? error : {};
  return new ApiError(
    { ...unknown, ...problem },
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
