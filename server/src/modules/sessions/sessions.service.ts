import type { AnonymousActor } from '../../auth/actor.ts';
import type { Permission } from '../../auth/permissions.ts';
import {
  openRefreshToken,
  type RefreshClaims,
  sealRefreshToken,
} from '../../auth/refresh-token.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError, type ErrorKind } from '../../errors.ts';
import { bucketRule } from '../../platform/rate-limit/bucket.ts';
import {
  type AuthenticatedUser,
  authenticateUser,
  findUser,
  type UserRow,
} from '../users/users.service.ts';
import { endByPerson, endForReuse, recordStart, type SignInMethod } from './session-events.ts';
import * as repository from './sessions.repository.ts';

const DAY_SECONDS = 86_400;
/** Without use a session lasts this long, with "remember me" and without. */
const IDLE_SECONDS = DAY_SECONDS;
const REMEMBERED_IDLE_SECONDS = 30 * DAY_SECONDS;
/** However much it is used, a session lasts no longer. */
const ABSOLUTE_SECONDS = 30 * DAY_SECONDS;
const REMEMBERED_ABSOLUTE_SECONDS = 90 * DAY_SECONDS;
/** Parallel tabs may hold the token before the current one for so long. */
const ROTATION_TOLERANCE_SECONDS = 10;
/** Far more than tabs need; on top of what the address pays, and for each session. */
const REFRESH_LIMIT = bucketRule('refresh', 'shared', { count: 30, periodSeconds: 60 });
/** Ended sessions are kept so long, to show that a reused token's session is over and why. */
const KEEP_ENDED_DAYS = 30;
const PURGE_BATCH = 500;
const REFUSALS: ReadonlySet<ErrorKind> = new Set(['unauthenticated', 'forbidden', 'conflict']);

/** What a person holds after signing in or refreshing. */
export interface SignedIn {
  user: UserRow;
  accessToken: string;
  refreshToken: string;
  /** How long the browser should keep the refresh token. */
  refreshTokenSeconds: number;
}

interface LoginInput {
  email: string;
  password: string;
  remember?: boolean;
}

/**
 * Signs in with a password: begins a session.
 * @throws credentials.invalid, user.unverified
 */
export async function login(
  ctx: Context,
  actor: AnonymousActor,
  input: LoginInput,
): Promise<SignedIn> {
  const sign = { method: 'password', isRemembered: input.remember ?? false } as const;
  const started = await countSignIn(ctx, () =>
    authenticateUser(ctx, actor, input, (work, user) => startSession(work, actor, user, sign)),
  );
  return issueFor(ctx, started);
}

interface SignIn {
  method: SignInMethod;
  isRemembered: boolean;
}

/** A session that has begun and of which nobody holds a token yet. */
export interface StartedSession {
  user: AuthenticatedUser;
  key: repository.SessionKey;
  session: repository.SessionRow;
}

/**
 * Begins a session, as part of the transaction in which somebody has shown who they are; `issueFor`
 * makes its tokens once that is committed.
 */
export async function startSession(
  ctx: Work,
  { origin }: AnonymousActor,
  user: AuthenticatedUser,
  { method, isRemembered }: SignIn,
): Promise<StartedSession> {
  const key = { userId: user.id, sessionId: uuidV7() };
  const session = await repository.insertSession(ctx.db, {
    ...key,
    isRemembered,
    userAgent: origin.userAgent,
    address: origin.address,
    idleSeconds: isRemembered ? REMEMBERED_IDLE_SECONDS : IDLE_SECONDS,
    absoluteSeconds: isRemembered ? REMEMBERED_ABSOLUTE_SECONDS : ABSOLUTE_SECONDS,
  });
  await recordStart(ctx, key, { method, origin });
  return {
    user,
    key,
    session: {
      ...session,
      refresh_counter: 0,
      is_remembered: isRemembered,
      auth_version: user.auth_version,
    },
  };
}

/** The first tokens of a session that has begun. */
export function issueFor(ctx: Context, { user, key, session }: StartedSession): Promise<SignedIn> {
  return issue(ctx, user, key, session);
}

/**
 * Exchanges a refresh token for its successor and a new access token. The token before the current
 * one gives the current one again for ten seconds; an older one ends the session, since two parties
 * hold it.
 * @throws session.invalid, rate.limited
 */
export async function refresh(
  ctx: Context,
  actor: AnonymousActor,
  refreshToken: string,
): Promise<SignedIn> {
  const claims = openRefreshToken(ctx.keys.refreshToken, refreshToken);
  if (!claims) throw new AppError('session.invalid');
  const { isAllowed, resetSeconds } = await ctx.rateBuckets.take(REFRESH_LIMIT, claims.sessionId);
  if (!isAllowed) throw new AppError('rate.limited', { retryAfterSeconds: resetSeconds });
  const session =
    (await repository.rotateSession(ctx.db, {
      ...claims,
      idleSeconds: IDLE_SECONDS,
      rememberedIdleSeconds: REMEMBERED_IDLE_SECONDS,
    })) ?? (await findTolerated(ctx, actor, claims));
  const user = await findUser(ctx, claims.userId);
  if (!user) throw new AppError('session.invalid');
  return issue(ctx, user, claims, session);
}

/** A session as a request without an access token needs it. */
export interface OpenSession extends repository.SessionKey {
  authenticatedAtSeconds: number;
  permissions: ReadonlySet<Permission>;
}

/**
 * The session of a refresh token, which stays as it is; the token before the current one counts for
 * ten seconds here too. An older one is refused and ends nothing: a page that has slept may send it.
 * @throws session.invalid
 */
export async function findSessionByRefreshToken(
  ctx: Context,
  refreshToken: string,
): Promise<OpenSession> {
  const claims = openRefreshToken(ctx.keys.refreshToken, refreshToken);
  if (!claims) throw new AppError('session.invalid');
  const { userId, sessionId, counter } = claims;
  const session = await repository.findSession(ctx.db, {
    ...claims,
    toleranceSeconds: ROTATION_TOLERANCE_SECONDS,
  });
  if (!session?.is_live) throw new AppError('session.invalid');
  const isPrevious = session.refresh_counter === counter + 1 && session.is_just_rotated;
  if (session.refresh_counter !== counter && !isPrevious) throw new AppError('session.invalid');
  return {
    userId,
    sessionId,
    authenticatedAtSeconds: session.authenticated_at_seconds,
    permissions: new Set(session.permissions),
  };
}

/** Ends the session of a refresh token; anything that is no token of ours ends nothing. */
export async function logoutByRefreshToken(
  ctx: Context,
  actor: AnonymousActor,
  refreshToken: string,
): Promise<void> {
  const claims = openRefreshToken(ctx.keys.refreshToken, refreshToken);
  if (claims) await logout(ctx, actor, claims);
}

/** Ends a session of which somebody has shown a token. */
export function logout(
  ctx: Context,
  actor: AnonymousActor,
  key: repository.SessionKey,
): Promise<void> {
  return ctx.db.transaction((db) => endByPerson({ ...ctx, db }, key, actor.origin));
}

/** Deletes one batch of sessions that are over for long; answers how many. */
export function purgeSessions(ctx: Context): Promise<number> {
  return repository.deleteOldSessions(ctx.db, KEEP_ENDED_DAYS, PURGE_BATCH);
}

/** Counts how a sign-in ends; one that fails for want of something else is none. */
export async function countSignIn<T>(ctx: Context, signIn: () => Promise<T>): Promise<T> {
  try {
    const result = await signIn();
    ctx.metrics.countSignIn('success');
    return result;
  } catch (error) {
    if (error instanceof AppError && REFUSALS.has(error.kind)) {
      ctx.metrics.countSignIn(error.code === 'user.unverified' ? 'unverified' : 'refused');
    }
    throw error;
  }
}

async function findTolerated(
  ctx: Context,
  actor: AnonymousActor,
  claims: RefreshClaims,
): Promise<repository.SessionRow> {
  const session = await repository.findSession(ctx.db, {
    ...claims,
    toleranceSeconds: ROTATION_TOLERANCE_SECONDS,
  });
  if (!session?.is_live) throw new AppError('session.invalid');
  if (session.refresh_counter === claims.counter + 1 && session.is_just_rotated) return session;
  if (claims.counter < session.refresh_counter) {
    await ctx.db.transaction((db) => endForReuse({ ...ctx, db }, claims, actor));
  }
  throw new AppError('session.invalid');
}

async function issue(
  ctx: Context,
  user: UserRow,
  { userId, sessionId }: repository.SessionKey,
  session: repository.SessionRow,
): Promise<SignedIn> {
  const accessToken = await ctx.accessTokens.issue({
    userId,
    sessionId,
    authVersion: session.auth_version,
    authenticatedAtSeconds: session.authenticated_at_seconds,
    permissions: session.permissions,
  });
  const counter = session.refresh_counter;
  return {
    user,
    accessToken,
    refreshToken: sealRefreshToken(ctx.keys.refreshToken, { userId, sessionId, counter }),
    refreshTokenSeconds: session.is_remembered ? REMEMBERED_IDLE_SECONDS : IDLE_SECONDS,
  };
}
