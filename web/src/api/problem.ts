import type { Problem } from './schema.ts';

/** A refusal by the server, or (`status` 0, code `network.unreachable`) no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fieldErrors: { pointer: string; detail: string }[];
  /** Seconds after which the server asks to be tried again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.code);
    this.name = 'ApiError';
    this.status = problem.status;
    this.code = problem.code;
    this.fieldErrors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The message about one body field, by its JSON pointer without the slash. */
  fieldError(name: string): string | undefined {
    return this.fieldErrors.find((error) => error.pointer === `/${name}`)?.detail;
  }
}

const BUSY_STATUSES = new Set([0, 429, 502, 503, 504]);

/** Whether the same request may succeed a little later. */
export function isTemporary(error: unknown): boolean {
  return error instanceof ApiError && BUSY_STATUSES.has(error.status);
}

/** Milliseconds to wait before attempt number `attempt` (0 is the first repetition). */
export function retryDelayMs(attempt: number, error: unknown): number {
  const askedSeconds = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return askedSeconds === undefined ? Math.min(500 * 2 ** attempt, 8_000) : askedSeconds * 1_000;
}

/** Longest wait that is spent silently before telling the person, in seconds. */
const PATIENCE_SECONDS = 10;

/** Whether to repeat by oneself: a few times, only for temporary causes and only for short waits. */
export function shouldRetry(failureCount: number, error: unknown): boolean {
  if (failureCount >= 3 || !isTemporary(error)) return false;
  return !(error instanceof ApiError) || (error.retryAfterSeconds ?? 0) <= PATIENCE_SECONDS;
}

/** Reads a refusal; an answer that is no problem document (a proxy's page) keeps only its status. */
export async function toApiError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const problem = await readProblem(response);
  return new ApiError(problem, Number.isFinite(retryAfter) ? retryAfter : undefined);
}

async function readProblem(response: Response): Promise<Problem> {
  const unknown = { status: response.status, code: `http.${response.status}` };
  if (!response.headers.get('content-type')?.includes('json')) return unknown;
  try {
    return { ...unknown, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return unknown;
  }
}

/** The error for a request that got no answer. */
export function unreachable(): ApiError {
  return new ApiError({ status: 0, code: 'network.unreachable' });
}
