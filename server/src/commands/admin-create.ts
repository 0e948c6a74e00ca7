import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import { isEmailAddress } from '../auth/email-address.ts';
import { newPasswordProblem } from '../auth/new-password.ts';
import { type Context, createContext } from '../context.ts';
import { createAdministrator, type Promotion, promote } from '../modules/setup/setup.service.ts';
import { migrate } from '../platform/postgres/migrations.ts';
import { CommandError, UsageError } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';
import { askHidden } from './hidden-prompt.ts';

interface AdminOptions {
  email?: string | undefined;
  name?: string | undefined;
  password?: string | undefined;
  'password-file'?: string | undefined;
}

const REFUSED: Record<'unverified' | 'disabled', string> = {
  unverified:
    'has an account whose address nobody has verified, so whoever made it may be somebody else. Verify it first.',
  disabled: 'has a disabled account. Enable it first.',
};

/**
 * Makes an active administrator; somebody with an account becomes one and keeps their password.
 * @throws CommandError
 */
export async function createAdmin(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      email: { type: 'string' },
      name: { type: 'string' },
      password: { type: 'string' },
      'password-file': { type: 'string' },
    },
  });
  const { config, log } = readConfig();
  const database = await openDatabase(config, log, 'command');
  try {
    await migrate({ ...database, log: (message) => log.info(message) });
    const ctx = createContext(foundationOf(config, log, database));
    try {
      process.stdout.write(`${await ensureAdministrator(ctx, values)}\n`);
    } finally {
      await ctx.close();
    }
  } finally {
    await database.close();
  }
}

/** Does it, and answers what has been done, in a sentence. @throws CommandError */
export async function ensureAdministrator(ctx: Context, options: AdminOptions): Promise<string> {
  const email = options.email?.trim() ?? '';
  if (!isEmailAddress(email))
    throw new UsageError('--email needs an address such as ada@example.org.');
  const name = options.name?.trim() || null;
  if (name !== null && [...name].length > 100) {
    throw new UsageError('--name must have at most 100 characters.');
  }
  const promotion = await promote(ctx, OPERATOR, email);
  if (promotion !== 'absent') return sentenceOf(email, promotion);
  const password = await passwordFrom(options);
  const problem = newPasswordProblem(password);
  if (problem !== null) throw new CommandError(`The password ${problem}.`);
  await createAdministrator(ctx, OPERATOR, { email, name, password });
  return `Made the administrator ${email}.`;
}

function sentenceOf(email: string, promotion: Exclude<Promotion, 'absent'>): string {
  if (promotion === 'already') return `${email} is an administrator already; nothing was changed.`;
  if (promotion === 'promoted') {
    return `${email} had an account, which is an administrator now; the password stays as it was.`;
  }
  throw new CommandError(`${email} ${REFUSED[promotion]}`);
}

async function passwordFrom(options: AdminOptions): Promise<string> {
  const { password, 'password-file': file } = options;
  if (password !== undefined && file !== undefined) {
    throw new UsageError('Give either --password or --password-file.');
  }
  if (password !== undefined) return password;
  if (file !== undefined) return firstLineOf(file);
  if (!process.stdin.isTTY) {
    throw new UsageError('Give --password-file, or run this on a terminal to be asked.');
  }
  const typed = await askHidden('Password: ');
  if ((await askHidden('Once more: ')) !== typed) {
    throw new CommandError('The two passwords are not the same.');
  }
  return typed;
}

function firstLineOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CommandError(`--password-file cannot be read (${code})`, { cause: error });
  }
}
