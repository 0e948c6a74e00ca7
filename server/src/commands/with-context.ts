import { type Context, createContext } from '../context.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';

/**
 * Does something with everything that services work with, next to a server that may be running; in the
 * end all of it is closed.
 */
export async function withContext<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  const { config, log } = readConfig();
  const database = await openDatabase(config, log, 'command');
  try {
    const ctx = createContext(foundationOf(config, log, database));
    try {
      return await work(ctx);
    } finally {
      await ctx.close();
    }
  } finally {
    await database.close();
  }
}
