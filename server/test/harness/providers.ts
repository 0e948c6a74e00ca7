import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../src/config/config.ts';
import { collectSettings } from '../../src/config/env.ts';
import { type Fetch, type FlowSecrets, Providers } from '../../src/modules/providers/providers.ts';
import { Counts } from '../../src/platform/counts.ts';
import { createLog } from '../../src/platform/log.ts';

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
