import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');

export interface RunningServer {
  /** Origin, without a slash at the end. */
  url: string;
  /** The link that it has printed for setting up the first administrator. */
  setupLink: string;
  stop: () => Promise<void>;
}

/** Starts the real server on a free port with an empty database of its own; resolves when it is ready. */
export async function startServer(settings: Record<string, string> = {}): Promise<RunningServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'docket-e2e-'));
  const child = spawn(process.execPath, ['server/src/main.ts', 'serve'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      PORT: '0',
      DATA_DIR: dataDir,
      // All tests come from one address; limits have tests of their own.
      RATE_LIMIT_AUTH: '10000/1m',
      RATE_LIMIT_DEFAULT: '100000/1m',
      RATE_LIMIT_USER: '100000/1m',
      LOG_LEVEL: 'info',
      ...settings,
    },
  });
  const { url, setupLink } = await readUntilReady(child);
  return {
    url,
    setupLink,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The addresses that the server says once it is ready, by its log and to whoever watches it, in any order. */
async function readUntilReady(child: ChildProcess): Promise<{ url: string; setupLink: string }> {
  const said: string[] = [];
  child.stderr?.on('data', (chunk) => said.push(String(chunk)));
  if (!child.stdout) throw new Error('The server has no output');
  let [url, setupLink] = ['', ''];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    url ||= urlIn(line);
    setupLink ||= /^ {2}Set up +(\S+)$/.exec(line)?.[1] ?? '';
    if (url && setupLink) {
      // Whatever is said from now on must not fill the pipe.
      child.stdout.resume();
      return { url, setupLink };
    }
  }
  throw new Error(`The server ended before it was ready:\n${said.join('\n')}`);
}

function urlIn(line: string): string {
  if (!line.includes('"msg":"ready"')) return '';
  return (JSON.parse(line) as { url: string }).url;
}
