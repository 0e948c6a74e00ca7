import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../server/src/platform/postgres/embedded/embedded-postgres.ts';
import type { ConnectionTarget } from '../server/src/platform/postgres/embedded/roles.ts';
import { freePortFrom } from './dev/free-port.ts';
import { startLocalProvider } from './dev/local-provider.ts';
import { programEnvironment, ROOT, runNode } from './run-program.ts';

const FIRST_PAGE_PORT = 5173;
/** Beside the port of `npm start`, which may run at the same time. */
const FIRST_SERVER_PORT = 3100;

/** Runs server and page from their sources, both renewed when a file that they use changes, until Ctrl+C. */
async function main(): Promise<void> {
  const dataDir = process.env.DATA_DIR ?? join(ROOT, '.cache/dev');
  let database: EmbeddedPostgres | null = null;
  const children: ChildProcess[] = [];
  let isEnding = false;
  const end = async (exitCode: number) => {
    if (isEnding) return;
    isEnding = true;
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map(untilEnded));
    await database?.stop();
    process.exit(exitCode);
  };
  process.on('SIGINT', () => void end(0));
  process.on('SIGTERM', () => void end(0));
  try {
    // Outside the server, so that a restart of the server costs no restart of the database.
    if (!process.env.DATABASE_URL) database = await startDatabase(dataDir);
    const settings = await settingsFor(dataDir, database);
    await seed(settings);
    // In this process, so that it outlives restarts of the server and ends with all the rest.
    const provider = await startLocalProvider(settings.PUBLIC_URL);
    children.push(startServer({ ...settings, ...provider?.settings }), startPage(settings));
    for (const child of children) child.once('exit', () => void end(1));
    announce(settings, dataDir);
    if (provider) console.log(`  Sign-in ${provider.issuer}, where any e-mail works`);
  } catch (error) {
    console.error((error as Error).message);
    await end(1);
  }
}

type Settings = Record<'PORT' | 'WEB_PORT' | 'PUBLIC_URL' | 'DATA_DIR', string> &
  Record<string, string>;

async function settingsFor(dataDir: string, database: EmbeddedPostgres | null): Promise<Settings> {
  const serverPort = await freePortFrom(Number(process.env.PORT ?? FIRST_SERVER_PORT));
  const pagePort = await freePortFrom(Number(process.env.WEB_PORT ?? FIRST_PAGE_PORT));
  return {
    // Whoever tries things out signs in more often than a visitor may.
    RATE_LIMIT_AUTH: process.env.RATE_LIMIT_AUTH ?? 'off',
    RATE_LIMIT_DEFAULT: process.env.RATE_LIMIT_DEFAULT ?? 'off',
    ...(database && {
      DATABASE_URL: urlOf(database.serving),
      DATABASE_MIGRATION_URL: urlOf(database.owner),
    }),
    DATA_DIR: dataDir,
    PORT: String(serverPort),
    WEB_PORT: String(pagePort),
    PUBLIC_URL: `http://localhost:${pagePort}`,
  };
}

async function startDatabase(dataDir: string): Promise<EmbeddedPostgres> {
  mkdirSync(dataDir, { recursive: true });
  return startEmbeddedPostgres({
    dataDir,
    role: 'server',
    log: (level, message) => {
      if (level !== 'info') console.error(message);
    },
  });
}

function urlOf({ user, host, port, database }: ConnectionTarget): string {
  return `postgresql://${user}@${encodeURIComponent(host)}:${port}/${database}`;
}

async function seed(settings: Settings): Promise<void> {
  const env = { ...settings, LOG_LEVEL: 'warn' };
  const { code, output } = await runNode(['server/src/main.ts', 'seed'], { env });
  if (code !== 0) throw new Error(output);
  console.log(`\n${output.trimEnd()}`);
}

function startServer(settings: Settings): ChildProcess {
  const args = ['--watch', '--watch-preserve-output', 'server/src/main.ts', 'serve'];
  return spawn(process.execPath, args, {
    cwd: ROOT,
    env: programEnvironment(settings),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function startPage(settings: Settings): ChildProcess {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const options = ['--port', settings.WEB_PORT, '--strictPort', '--clearScreen', 'false'];
  return spawn(process.execPath, [vite, ...options, '--logLevel', 'warn'], {
    cwd: join(ROOT, 'web'),
    env: programEnvironment(settings),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function untilEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function announce({ PUBLIC_URL, PORT }: Settings, dataDir: string): void {
  console.log(
    `\n  Page    ${PUBLIC_URL}\n  API     http://localhost:${PORT}/api/docs\n  Mails   http://localhost:${PORT}/dev/mailbox\n  Data    ${dataDir}`,
  );
}

await main();
