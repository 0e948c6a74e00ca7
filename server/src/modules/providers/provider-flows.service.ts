import { createHmac, hash } from 'node:crypto';
import type { SessionActor } from '../../auth/actor.ts';
import { isOneTimeToken, newOneTimeToken } from '../../auth/one-time-token.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { ProviderName } from '../../config/providers.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import * as repository from './provider-flows.repository.ts';
import type { FlowSecrets } from './providers.ts';

/** So long somebody may take at the provider. */
export const FLOW_SECONDS = 600;
const PURGE_BATCH = 500;

interface FlowOptions {
  /** Who connects an identity to their account; null: somebody signs in. */
  linking: SessionActor | null;
  isRemembered: boolean;
  /** A path of the web application. */
  returnTo: string;
  /** Whether the provider is to ask for the person's credentials again. */
  isFresh: boolean;
}

/** What a flow is for. */
export type Flow =
  | { kind: 'sign-in'; isRemembered: boolean; returnTo: string }
  | { kind: 'link'; userId: string; sessionId: string; returnTo: string };

/** What a browser brings back from a provider. */
export interface Callback {
  provider: ProviderName;
  /** null: the browser has no cookie of a flow. */
  browserSecret: string | null;
  /** As the browser called it. */
  url: URL;
}

/** @throws provider.not_found where people cannot sign in with it on this server */
export function requireProvider(ctx: Context, name: string): ProviderName {
  if (!ctx.providers.has(name)) throw new AppError('provider.not_found');
  return name;
}

/**
 * Begins a sign-in at a provider, or the connection of an identity, which the same browser can finish
 * once within ten minutes: answers where the browser goes.
 * @param browserSecret 256 random bits that only this browser has
 * @throws provider.unavailable
 */
export async function beginFlow(
  ctx: Context,
  provider: ProviderName,
  browserSecret: string,
  { linking, isRemembered, returnTo, isFresh }: FlowOptions,
): Promise<URL> {
  const secrets = secretsOf(browserSecret, newOneTimeToken());
  const url = await ctx.providers.authorizationUrl(provider, secrets, { isFresh });
  await repository.insertFlow(ctx.db, {
    ...keyOf(provider, browserSecret, secrets.state),
    userId: linking?.userId ?? null,
    sessionId: linking?.sessionId ?? null,
    isRemembered,
    returnTo,
    keepSeconds: FLOW_SECONDS,
  });
  return url;
}

/**
 * What a callback is about, without ending the flow.
 * @throws provider.flow_invalid
 */
export async function lookAtFlow(ctx: Context, callback: Callback): Promise<Flow> {
  const { key } = credentialsOf(callback);
  const flow = await repository.findFlow(ctx.db, key);
  if (!flow) throw new AppError('provider.flow_invalid');
  return toFlow(flow);
}

/**
 * Ends a flow, whatever comes of it, and answers who the provider says the person is.
 * @throws provider.flow_invalid, provider.cancelled, provider.answer_invalid, provider.unavailable
 */
export async function finishFlow(ctx: Context, callback: Callback): Promise<ProviderIdentity> {
  const { key, secrets } = credentialsOf(callback);
  if (!(await repository.takeFlow(ctx.db, key))) throw new AppError('provider.flow_invalid');
  return ctx.providers.identify(callback.provider, callback.url, secrets);
}

/** Deletes one batch of flows that were never finished; answers how many. */
export function purgeFlows(ctx: Context): Promise<number> {
  return repository.deleteOldFlows(ctx.db, PURGE_BATCH);
}

function credentialsOf({ provider, browserSecret, url }: Callback): {
  key: repository.FlowKey;
  secrets: FlowSecrets;
} {
  const states = url.searchParams.getAll('state');
  const state = states.length === 1 ? (states[0] ?? '') : '';
  if (browserSecret === null || !isOneTimeToken(state)) {
    throw new AppError('provider.flow_invalid');
  }
  return {
    key: keyOf(provider, browserSecret, state),
    secrets: secretsOf(browserSecret, state),
  };
}

function keyOf(provider: string, browserSecret: string, state: string): repository.FlowKey {
  return {
    stateHash: hash('sha256', state, 'buffer'),
    browserHash: hash('sha256', browserSecret, 'buffer'),
    provider,
  };
}

/** Only the browser that began a flow can tell them again: they are stored nowhere. */
function secretsOf(browserSecret: string, state: string): FlowSecrets {
  const derive = (purpose: string) =>
    createHmac('sha256', browserSecret).update(`${purpose}:${state}`).digest('base64url');
  return { state, nonce: derive('nonce'), codeVerifier: derive('pkce') };
}

function toFlow(row: repository.FlowRow): Flow {
  const { user_id: userId, session_id: sessionId, return_to: returnTo } = row;
  if (userId !== null && sessionId !== null) return { kind: 'link', userId, sessionId, returnTo };
  return { kind: 'sign-in', isRemembered: row.is_remembered, returnTo };
}
