import { parseArgs } from 'node:util';
import { OPERATOR, type UserActor } from '../auth/actor.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import { uuidV7 } from '../auth/uuid.ts';
import { type Context, createContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { createTask, deleteTask } from '../modules/tasks/tasks.service.ts';
import { registerUser } from '../modules/users/registration.service.ts';
import { authenticateUser } from '../modules/users/users.service.ts';
import { markVerified } from '../modules/users/verification.service.ts';
import { migrate } from '../platform/postgres/migrations.ts';
import { type Command, CommandError } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';
import { DEMO_PASSWORD, DEMO_TASKS, DEMO_USERS } from './seed-data.ts';

export const seed: Command = {
  summary: 'Add demonstration users with tasks, for development',
  usage: '[--force]',
  async run(args) {
    const { values } = parseArgs({ args, options: { force: { type: 'boolean' } } });
    const { config, log } = readConfig();
    if (config.profile !== 'development' && !values.force) {
      throw new CommandError(
        `PROFILE=${config.profile}: accounts with a password that everybody knows do not belong here. --force adds them all the same.`,
      );
    }
    const database = await openDatabase(config, log, 'command');
    try {
      await migrate({ ...database, log: (message) => log.info(message) });
      const ctx = createContext(foundationOf(config, log, database));
      try {
        await seedUsers(ctx, (line) => void process.stdout.write(`${line}\n`));
      } finally {
        await ctx.close();
      }
    } finally {
      await database.close();
    }
  },
};

/** Adds the demonstration users and tasks that are missing; what somebody has changed stays as it is. */
export async function seedUsers(ctx: Context, out: (line: string) => void): Promise<void> {
  for (const { email, name, hasTasks } of DEMO_USERS) {
    const userId = await ensureUser(ctx, email, name);
    if (userId === null) {
      out(`${email}  exists with a password of its own; left as it is`);
      continue;
    }
    if (hasTasks) await ensureTasks(ctx, userId);
    out(`${email}  password: ${DEMO_PASSWORD}`);
  }
}

/** The id of the demonstration user; null where the account has another password by now. */
async function ensureUser(ctx: Context, email: string, name: string): Promise<string | null> {
  // Closed registration keeps visitors out, not the person at the terminal.
  const settings = { registration: 'open', isVerifiedEmailRequired: false } as const;
  const open = { ...ctx, config: { ...ctx.config, ...settings } };
  try {
    const { id } = await registerUser(open, OPERATOR, { email, name, password: DEMO_PASSWORD });
    // Else whoever proves the address at a provider takes the account over, and its password is void.
    await ctx.db.transaction((db) => markVerified(db, OPERATOR, id));
    return id;
  } catch (error) {
    if (!isRefusal(error, 'user.email_taken')) throw error;
  }
  try {
    const credentials = { email, password: DEMO_PASSWORD };
    return await authenticateUser(open, OPERATOR, credentials, async (_work, { id }) => id);
  } catch (error) {
    if (isRefusal(error, 'credentials.invalid')) return null;
    throw error;
  }
}

/** Their ids are 1, 2, 3…, so that a second run finds the tasks of the first. */
async function ensureTasks(ctx: Context, userId: string): Promise<void> {
  const actor = actorFor(userId);
  for (const [index, { isTrashed, ...content }] of DEMO_TASKS.entries()) {
    const id = index + 1;
    try {
      await ctx.db.transaction(async (db) => {
        const work = { ...ctx, db };
        const { isNew } = await createTask(work, actor, { ...content, id });
        if (isNew && isTrashed) await deleteTask(work, actor, id, null);
      });
    } catch (error) {
      // Somebody has changed the task, which is what it is there for.
      if (!isRefusal(error, 'task.id_taken')) throw error;
    }
  }
}

function actorFor(userId: string): UserActor {
  const authenticatedAtSeconds = Math.floor(Date.now() / 1000);
  const origin = { requestId: uuidV7(), address: null, userAgent: null };
  const permissions = new Set(PERMISSIONS);
  return {
    kind: 'user',
    userId,
    sessionId: uuidV7(),
    authenticatedAtSeconds,
    permissions,
    origin,
  };
}

function isRefusal(error: unknown, code: AppError['code']): boolean {
  return error instanceof AppError && error.code === code;
}
