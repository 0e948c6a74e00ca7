import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../app.ts';
import { type Context, createContext } from '../context.ts';
import { startJobs } from '../jobs.ts';
import { mintSetupLink } from '../modules/setup/setup.service.ts';
import type { JobRunner } from '../platform/jobs/job-runner.ts';
import type { Log } from '../platform/log.ts';
import { migrate } from '../platform/postgres/migrations.ts';
import { VERSION } from '../version.ts';
import type { Command } from './command.ts';
import { CommandError } from './command.ts';
import { foundationOf, type OpenDatabase, openDatabase, readConfig } from './foundation.ts';

/** Requests under way get so long to end; with the database's own stop it stays under ten seconds. */
const DRAIN_MS = 7000;

interface Running {
  app: FastifyInstance;
  ctx: Context;
  database: OpenDatabase;
  jobs: JobRunner;
}

export const serve: Command = {
  summary: 'Run the server (the default)',
  usage: '[--no-jobs]',
  async run(args) {
    const { values } = parseArgs({ args, options: { 'no-jobs': { type: 'boolean' } } });
    const hasJobs = !values['no-jobs'];
    const { config, log } = readConfig('stdout');
    const port = await freePort(config.host, config.port);
    const database = await openDatabase(config, log, 'server');
    const parts: Partial<Running> = { database };
    try {
      await migrate({ ...database, log: (message) => log.info(message) });
      const ctx = createContext(foundationOf(config, log, database, port));
      parts.ctx = ctx;
      await ctx.start();
      parts.app = await buildApp(ctx);
      if (hasJobs) parts.jobs = await startJobs(ctx, database.directConnection);
      await parts.app.listen({ host: config.host, port });
      endOnSignal(parts as Running, log);
      announce(ctx, database, log, await mintSetupLink(ctx));
      // Waited for by nobody: what is wrong with their settings is in the log before people come.
      void ctx.providers.list();
    } catch (error) {
      await close(parts, log);
      throw error;
    }
  },
};

/** The port to listen on, known to be free before anything slow begins; 0 becomes a free one. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, host, port);
  }
  const bound = (probe.address() as { port: number }).port;
  await new Promise((resolve) => probe.close(resolve));
  return bound;
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): CommandError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new CommandError(
        `Port ${port} on ${host} is taken by another program. Stop that, or choose another port: PORT=${port + 1} npm start`,
      );
    case 'EACCES':
      return new CommandError(
        `This user may not listen on port ${port}. Choose one from 1024 on: PORT=3000 npm start`,
      );
    default:
      return new CommandError(`HOST=${host} PORT=${port}: cannot listen there (${error.code})`);
  }
}

function announce(ctx: Context, database: OpenDatabase, log: Log, setupLink: string | null): void {
  const seconds = (performance.now() / 1000).toFixed(1);
  log.info({ url: ctx.publicUrl, version: VERSION, seconds: Number(seconds) }, 'ready');
  process.stdout.write(
    `\n  Docket ${VERSION} is ready after ${seconds} s\n\n` +
      `  Open    ${ctx.publicUrl}\n` +
      `  Data    ${database.place}\n` +
      (ctx.mailer.mailbox ? `  Mails   ${ctx.publicUrl}/dev/mailbox\n` : '') +
      `  Stop    Ctrl+C\n` +
      // Not through the log, which others may read: the link makes whoever opens it administrator.
      (setupLink === null ? '\n' : `  Set up  ${setupLink}\n\n`),
  );
}

function endOnSignal(running: Running, log: Log): void {
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    log.info({ signal }, 'stopping');
    await close(running, log);
    process.exit(0);
  };
  // A closed terminal (SIGHUP) ends the server as carefully as Ctrl+C does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
}

/** Stops accepting, lets requests under way end, then closes everything in the order of dependence. */
async function close(parts: Partial<Running>, log: Log): Promise<void> {
  if (parts.ctx) parts.ctx.isStopping = true;
  const hurry = setTimeout(() => parts.app?.server.closeAllConnections(), DRAIN_MS);
  const steps = [
    // Requests and jobs end side by side: neither waits for the other.
    () => Promise.all([parts.app?.close(), parts.jobs?.stop(DRAIN_MS)]),
    () => parts.ctx?.close(),
    () => parts.database?.close(),
  ];
  for (const step of steps) {
    await Promise.resolve(step()).catch((err) => log.error({ err }, 'could not close cleanly'));
  }
  clearTimeout(hurry);
}
