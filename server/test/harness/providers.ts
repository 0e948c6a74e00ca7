import { randomBytes } from 'node:crypto';
import type { ProviderIdentity } from '../../src/auth/provider-identity.ts';
import { loadConfig } from '../../src/config/config.ts';
import { collectSettings } from '../../src/config/env.ts';
import type { ProviderName } from '../../src/config/providers.ts';
import { type Fetch, type FlowSecrets, Providers } from '../../src/modules/providers/providers.ts';
import { Counts } from '../../src/platform/counts.ts';
import { createLog } from '../../src/platform/log.ts';
import { signInAt } from './provider-browser.ts';

export const PUBLIC_URL = 'http://localhost:3000';

/** Sign-in providers as settings make them, without a server around them. */
export function openProviders(
  settings: Record<string, string>,
  parts: { fetch?: Fetch; now?: () => number } = {},
) {
  const lines: string[] = [];
  const answers = new Counts('answers', 'for tests');
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const { providers: configured } = loadConfig(collectSettings(settings));
  const providers = new Providers(configured, { publicUrl: PUBLIC_URL, log, answers, ...parts });
  return {
    providers,
    /** The newest line of the log. */
    lastLine: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}'),
    logged: () => lines.join(''),
    counted: (provider: string, outcome: string) => answers.of({ provider, outcome }).value,
  };
}

/** Secrets of a sign-in that nobody has begun yet. */
export function newSecrets(): FlowSecrets {
  const random = () => randomBytes(32).toString('base64url');
  return { state: random(), nonce: random(), codeVerifier: random() };
}

/** Somebody signs in: to the provider, through it, and back. Answers who it says they are. */
export async function identifyWith(
  { providers }: Pick<ReturnType<typeof openProviders>, 'providers'>,
  name: ProviderName,
  fetchPage?: typeof fetch,
): Promise<ProviderIdentity> {
  const secrets = newSecrets();
  const url = await providers.authorizationUrl(name, secrets, { isFresh: false });
  const callback = await signInAt(url, { email: 'ada@example.org' }, fetchPage);
  return providers.identify(name, callback, secrets);
}
