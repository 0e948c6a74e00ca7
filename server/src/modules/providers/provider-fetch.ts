import { isLoopbackHost } from '../../config/parsers.ts';
import { BadAnswer, Unreachable } from './provider-failure.ts';

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** Statuses whose answers may have no body. */
const EMPTY = [101, 204, 205, 304];

/**
 * A `fetch` for answers that nobody vouches for yet: complete within five seconds, at most 1 MB, by
 * https unless from this machine, and never by way of a redirect.
 */
export function limitedFetch(base: Fetch): Fetch {
  return async (url, options) => {
    requireSafeUrl(url);
    const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(options.signal ? [options.signal] : [])];
    const signal = AbortSignal.any(signals);
    try {
      const response = await base(url, { ...options, redirect: 'manual', signal });
      await refuseStatus(response);
      const body = await readBody(response, signal);
      const { status, headers } = response;
      return new Response(EMPTY.includes(status) ? null : body, { status, headers });
    } catch (error) {
      if (error instanceof Unreachable || error instanceof BadAnswer) throw error;
      throw new Unreachable(signal.aborted ? 'timeout' : networkReason(error));
    }
  };
}

/** @throws BadAnswer */
export function requireSafeUrl(url: string): void {
  const { protocol, hostname } = new URL(url);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  if (!isSafe) throw new BadAnswer('insecure_address');
}

async function refuseStatus({ status, type, body }: Response): Promise<void> {
  const isRedirect = type === 'opaqueredirect' || (status >= 300 && status < 400);
  if (!isRedirect && status < 500 && status !== 429) return;
  await body?.cancel();
  throw isRedirect ? new BadAnswer('redirect') : new Unreachable(`status_${status}`);
}

async function readBody({ body }: Response, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new BadAnswer('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Such as `ECONNREFUSED`. */
function networkReason(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'network';
}
