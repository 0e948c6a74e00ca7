import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';

/** The program itself, as `npm run docket` starts it. */
export const DOCKET = join(import.meta.dirname, '../../src/main.ts');

/** What a command has printed, and its exit code. */
interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs a command to its end, with nothing of the environment but what it needs to run, and `settings`. */
export async function runDocket(
  args: string[],
  settings: Record<string, string>,
  input = '',
): Promise<Outcome> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [DOCKET, ...args], {
    env: { PATH, HOME, LOG_LEVEL: 'warn', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.err += chunk));
  // Not every command reads to the end of its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...output };
}

/** The URL of a database of the test server, as an operator would write it. */
export function databaseUrl({ host, port, user, password, database }: ClientConfig): string {
  const secret = typeof password === 'string' ? `:${encodeURIComponent(password)}` : '';
  const query = `host=${encodeURIComponent(host ?? '')}&port=${port}&sslmode=disable`;
  return `postgresql://${user}${secret}@socket/${database}?${query}`;
}
