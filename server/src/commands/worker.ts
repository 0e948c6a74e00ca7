import { createContext } from '../context.ts';
import { startJobs } from '../jobs.ts';
import { migrate } from '../platform/postgres/migrations.ts';
import { type Command, CommandError } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';

/** Jobs under way get so long to end, as they do in the server. */
const DRAIN_MS = 7000;

export const worker: Command = {
  summary: 'Run background jobs only, next to servers with --no-jobs',
  async run() {
    const { config, log } = readConfig('stdout');
    if (config.database.target.kind === 'embedded') {
      throw new CommandError(
        'The embedded database belongs to one server, which runs the jobs as well. A worker needs DATABASE_URL.',
      );
    }
    const database = await openDatabase(config, log, 'command');
    await migrate({ ...database, log: (message) => log.info(message) });
    const ctx = createContext(foundationOf(config, log, database));
    await ctx.start();
    const jobs = await startJobs(ctx, database.directConnection);
    let isEnding = false;
    const end = async (signal: string) => {
      if (isEnding) return;
      isEnding = true;
      log.info({ signal }, 'stopping');
      ctx.isStopping = true;
      for (const step of [() => jobs.stop(DRAIN_MS), () => ctx.close(), () => database.close()]) {
        await step().catch((err) => log.error({ err }, 'could not close cleanly'));
      }
      process.exit(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
    log.info('running background jobs');
  },
};
