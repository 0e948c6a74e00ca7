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
  stop: () => Promise<void>;
}

/** Starts the real server on a free port with an empty database of its own; resolves when it is ready. */
export async function startServer(): Promise<RunningServer> {
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
    },
  });
  const url = await readyUrl(child);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The address from the line that says that the server is ready. */
async function readyUrl(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  child.stderr?.on('data', (chunk) => said.push(String(chunk)));
  if (!child.stdout) throw new Error('The server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    const url = urlIn(line);
    if (url) {
      // Whatever is said from now on must not fill the pipe.
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`The server ended before it was ready:\n${said.join('\n')}`);
}

function urlIn(line: string): string | undefined {
  if (!line.includes('"msg":"ready"')) return undefined;
  return (JSON.parse(line) as { url: string }).url;
}
