import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { findAccounts, type NamedAccount } from '../modules/administration/find-account.service.ts';
import { CommandError, UsageError } from './command.ts';

/** Writes a line to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The one name in the arguments, an address or id, and the options beside it. @throws UsageError */
export function namesOf<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) {
    throw new UsageError('Name one user, by e-mail address or id.');
  }
  return [name, values] as const;
}

/**
 * The account that is meant: one that is there, a deleted one, or whichever there is.
 * @throws CommandError
 */
export async function accountNamed(
  ctx: Context,
  name: string,
  wanted: 'present' | 'deleted' | 'any',
): Promise<NamedAccount> {
  const found = await findAccounts(ctx, OPERATOR, name);
  const present = found.find((account) => !account.is_deleted);
  const deleted = found.filter((account) => account.is_deleted);
  if (present && wanted !== 'deleted') return present;
  if (wanted === 'present' && deleted.length > 0) {
    throw new CommandError(`${name} is deleted. "docket user restore" brings it back.`);
  }
  const [account, ...more] = deleted;
  if (account && more.length === 0) return account;
  if (account) {
    const ids = deleted.map(({ id }) => id).join(', ');
    throw new CommandError(`Several deleted users had this address. Name one by its id: ${ids}`);
  }
  throw new CommandError(
    present ? `${name} is not deleted.` : `There is no user with the address or id "${name}".`,
  );
}
