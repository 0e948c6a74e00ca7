import {
  AuthorizationResponseError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';

/** The ways in which a sign-in fails at a provider. */
export type FailureCode = 'provider.cancelled' | 'provider.unavailable' | 'provider.answer_invalid';

export interface Failure {
  code: FailureCode;
  /** For the log: a word of a closed form, never a piece of an answer. */
  reason: string;
}

/** A provider that does not answer, or says itself that it cannot. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly reason: string;

  constructor(reason: string) {
    super(`the provider is not reachable: ${reason}`);
    this.reason = reason;
  }
}

/** An answer that is not believed. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
  readonly reason: string;

  constructor(reason: string) {
    super(`the answer of the provider is refused: ${reason}`);
    this.reason = reason;
  }
}

/** The person said no, or was not asked. */
const CANCELLED = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  'user_cancelled_authorize',
  'user_cancelled_login',
]);
const UNAVAILABLE = new Set(['server_error', 'temporarily_unavailable']);
const MAX_ISSUER_LENGTH = 300;
const WORD = /^[A-Za-z0-9_.-]{1,60}$/;

/** What an error means that came up between here and a provider. */
export function failureOf(error: unknown): Failure {
  const chain = [...causesOf(error)];
  for (const cause of chain) {
    if (cause instanceof Unreachable) return { code: 'provider.unavailable', reason: cause.reason };
    if (cause instanceof BadAnswer)
      return { code: 'provider.answer_invalid', reason: cause.reason };
    if (cause instanceof AuthorizationResponseError || cause instanceof ResponseBodyError) {
      return failureByName(cause);
    }
    if (cause instanceof WWWAuthenticateChallengeError) {
      const word = cause.cause[0]?.parameters.error ?? '';
      const reason = WORD.test(word) ? word : `status_${cause.status}`;
      return { code: 'provider.answer_invalid', reason };
    }
  }
  return { code: 'provider.answer_invalid', reason: reasonOf(chain) };
}

/** Whether only the browser tells of a failure: whoever sits there may have made it up. */
export function isHearsay(error: unknown): boolean {
  return [...causesOf(error)].some((cause) => cause instanceof AuthorizationResponseError);
}

function failureByName(error: AuthorizationResponseError | ResponseBodyError): Failure {
  const reason = WORD.test(error.error) ? error.error : 'unknown_error';
  if (error instanceof AuthorizationResponseError && CANCELLED.has(error.error)) {
    return { code: 'provider.cancelled', reason };
  }
  const code = UNAVAILABLE.has(error.error) ? 'provider.unavailable' : 'provider.answer_invalid';
  return { code, reason };
}

/** The issuer that a provider claims to be, where that is not the one of the settings; for the log. */
export function otherIssuerOf(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const { attribute, body } = cause as Record<string, unknown>;
    const issuer = (body as Record<string, unknown> | undefined)?.issuer;
    // An address and no more: it is public, and written to the log.
    if (attribute === 'issuer' && typeof issuer === 'string' && URL.canParse(issuer)) {
      return issuer.slice(0, MAX_ISSUER_LENGTH);
    }
  }
  return undefined;
}

/** The library's own word, and which claim it is about; its messages and causes hold answers. */
function reasonOf(chain: unknown[]): string {
  const words = chain.flatMap((cause) => {
    const { code, claim, attribute, body } = cause as Record<string, unknown>;
    // Some refuse with the status of success.
    const refusal = (body as Record<string, unknown> | undefined)?.error;
    return [code, claim, attribute, refusal].filter(isWord);
  });
  return [...new Set(words)].join(' ') || 'unknown';
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && WORD.test(value);
}

function* causesOf(error: unknown): Generator<unknown> {
  let cause = error;
  for (let depth = 0; depth < 5 && typeof cause === 'object' && cause !== null; depth++) {
    yield cause;
    cause = (cause as { cause?: unknown }).cause;
  }
}
