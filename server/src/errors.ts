/** The closed set of reasons for which a request can be refused; transports map it to their own status words. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'precondition_failed'
  | 'rate_limited'
  | 'unavailable';

interface ErrorDefinition {
  kind: ErrorKind;
  /** Shown to people and programs: says what is wrong, never an id, a value or an internal. */
  message: string;
}

/** Every code that an answer can carry. Codes are part of the contract: add, never rename. */
export const ERROR_CODES = {
  'request.invalid': { kind: 'invalid', message: 'The request is not valid.' },
  'request.malformed': { kind: 'invalid', message: 'The body is not well-formed JSON.' },
  'request.unsupported_media_type': {
    kind: 'invalid',
    message: 'Send the body as application/json.',
  },
  'request.too_large': { kind: 'invalid', message: 'The body is too large.' },
  'route.not_found': { kind: 'not_found', message: 'There is nothing at this address.' },

  'token.missing': { kind: 'unauthenticated', message: 'This needs a signed-in user.' },
  'token.invalid': { kind: 'unauthenticated', message: 'The access token is not valid.' },
  'token.expired': { kind: 'unauthenticated', message: 'The access token has expired.' },
  'token.stale': {
    kind: 'unauthenticated',
    message: 'The account has changed since the access token was issued. Refresh and go on.',
  },
  'session.invalid': {
    kind: 'unauthenticated',
    message: 'The session has ended. Sign in again.',
  },
  'credentials.invalid': {
    kind: 'unauthenticated',
    message: 'The e-mail address or the password is wrong.',
  },
  'permission.missing': {
    kind: 'forbidden',
    message: 'You do not have the permission for this.',
  },
  'api_token.not_allowed': {
    kind: 'forbidden',
    message: 'API tokens cannot do this: sign in.',
  },
  'foreign_token.not_allowed': {
    kind: 'forbidden',
    message: 'Tokens of another front end cannot do this: sign in.',
  },
  'origin.refused': {
    kind: 'forbidden',
    message: 'A request that relies on the session cookie must come from this site.',
  },

  'transport.insecure': { kind: 'forbidden', message: 'This server is reached by https only.' },

  'registration.closed': { kind: 'forbidden', message: 'Registration is closed on this server.' },
  'user.email_taken': {
    kind: 'conflict',
    message: 'There is already an account with this e-mail address.',
  },
  'user.unverified': {
    kind: 'forbidden',
    message: 'Verify the e-mail address first, with the link that was mailed to it.',
  },
  'user.email_missing': { kind: 'conflict', message: 'The account has no e-mail address.' },
  'user.last_administrator': {
    kind: 'conflict',
    message: 'This is the last active administrator.',
  },
  'fresh_sign_in.required': {
    kind: 'unauthenticated',
    message: 'Give the password again, or sign in again, to do this.',
  },
  'token.expired_or_unknown': {
    kind: 'gone',
    message: 'This link has expired, was used before, or was never valid.',
  },
  'user.not_self': {
    kind: 'forbidden',
    message: 'The address names another user than the token does.',
  },
  'user.version_mismatch': {
    kind: 'precondition_failed',
    message: 'The account has changed since it was read.',
  },
  'user.not_found': { kind: 'not_found', message: 'There is no such user.' },

  'session.not_found': { kind: 'not_found', message: 'There is no such session.' },
  'api_token.not_found': { kind: 'not_found', message: 'There is no such API token.' },
  'api_token.too_many': {
    kind: 'conflict',
    message: 'There are 100 API tokens already: revoke one that is not needed any more.',
  },

  'provider.not_found': { kind: 'not_found', message: 'There is no such sign-in provider.' },
  'provider.unavailable': {
    kind: 'unavailable',
    message: 'The sign-in provider cannot be reached at the moment.',
  },
  'provider.cancelled': {
    kind: 'unauthenticated',
    message: 'The sign-in was cancelled at the provider.',
  },
  'provider.flow_invalid': {
    kind: 'unauthenticated',
    message: 'This sign-in has expired, was finished before, or was begun in another browser.',
  },
  'provider.answer_invalid': {
    kind: 'unauthenticated',
    message: 'The answer of the sign-in provider cannot be trusted.',
  },
  'provider.email_required': {
    kind: 'forbidden',
    message: 'The provider tells no e-mail address, and this server needs one.',
  },
  'provider.link_required': {
    kind: 'conflict',
    message:
      'There is an account with this e-mail address, and the provider does not prove that it is yours. Sign in to it first, then connect the provider.',
  },
  'provider.local_sign_in_required': {
    kind: 'conflict',
    message:
      'The account with this e-mail address may administer. Sign in to it first, then connect the provider.',
  },
  'provider.account_unavailable': {
    kind: 'forbidden',
    message: 'The account that belongs to this sign-in is disabled or deleted.',
  },
  'provider.identity_taken': {
    kind: 'conflict',
    message: 'This sign-in belongs to another account.',
  },
  'provider.last_sign_in_method': {
    kind: 'conflict',
    message:
      'This is the only way to sign in to the account. Set a password or connect another provider first.',
  },
  'identity.not_found': { kind: 'not_found', message: 'There is no such connected account.' },

  'merge.offer_invalid': {
    kind: 'gone',
    message: 'This offer to merge has expired, was used before, or was never valid.',
  },
  'merge.same_account': {
    kind: 'conflict',
    message: 'This is the account that you are signed in to.',
  },
  'merge.not_found': { kind: 'not_found', message: 'There is no such merge that can be undone.' },

  'user.beyond_own': {
    kind: 'forbidden',
    message: 'This account may do more than you may, so you cannot change it.',
  },
  'role.not_found': { kind: 'not_found', message: 'There is no such role.' },
  'role.name_taken': { kind: 'conflict', message: 'There is already a role with this name.' },
  'role.builtin': {
    kind: 'conflict',
    message: 'Docket itself relies on this role: it cannot be changed in this way.',
  },
  'role.beyond_own': {
    kind: 'forbidden',
    message: 'The role allows more than you may do yourself.',
  },

  'task.not_found': { kind: 'not_found', message: 'There is no such task.' },
  'task.id_taken': {
    kind: 'conflict',
    message: 'There is already another task with this id.',
  },
  'task.version_mismatch': {
    kind: 'precondition_failed',
    message: 'The task has changed since it was read.',
  },

  'idempotency.mismatch': {
    kind: 'invalid',
    message: 'This Idempotency-Key was used before with another request.',
  },
  'idempotency.in_progress': {
    kind: 'conflict',
    message: 'A request with this Idempotency-Key is still running.',
  },

  'job.not_found': { kind: 'not_found', message: 'There is no such background job.' },
  'job.not_failed': {
    kind: 'conflict',
    message: 'Only a background job that has failed for good can be tried again.',
  },

  'page.not_built': {
    kind: 'unavailable',
    message: 'The web application has not been built. Start the server with "npm start".',
  },
  'rate.limited': { kind: 'rate_limited', message: 'Too many requests. Wait a moment.' },
  'database.unavailable': {
    kind: 'unavailable',
    message: 'The database cannot be reached at the moment.',
  },
  'foreign_keys.unavailable': {
    kind: 'unavailable',
    message: 'The keys of the other front end cannot be had at the moment.',
  },
  'server.overloaded': {
    kind: 'unavailable',
    message: 'The server is too busy at the moment.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One thing wrong with one field; `pointer` is a JSON pointer (RFC 6901) into the body or the query. */
export interface FieldError {
  pointer: string;
  detail: string;
}

interface AppErrorOptions {
  errors?: FieldError[];
  /** Seconds after which trying again makes sense. */
  retryAfterSeconds?: number;
  /** The resource's present version, for `precondition_failed`. */
  currentVersion?: number;
  cause?: unknown;
}

/** A refusal with a stable code. Everything else that is thrown counts as a defect and answers 500. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly currentVersion: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(ERROR_CODES[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.kind = ERROR_CODES[code].kind;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.currentVersion = options.currentVersion;
  }
}

/** The refusal of one field. */
export function invalidField(pointer: string, detail: string): AppError {
  return new AppError('request.invalid', { errors: [{ pointer, detail }] });
}
