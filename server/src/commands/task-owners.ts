import { LRUCache } from 'lru-cache';
import { OPERATOR } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import type { FieldError } from '../errors.ts';
import { findAccounts } from '../modules/administration/find-account.service.ts';
import { ensureForeignUser } from '../modules/foreign-users/foreign-users.service.ts';
import type { ImportOptions, OwnerName } from '../modules/tasks/import-tasks.ts';
import { readCsv } from '../platform/csv.ts';
import { CommandError } from './command.ts';
import { piecesOf } from './import-report.ts';
import { accountNamed } from './user-account.ts';

type FindOwner = ImportOptions['findOwner'];

const MAX_REMEMBERED = 10_000;
const MAX_RECORD_BYTES = 4096;
const NOBODY = 'is no account of this server';

/**
 * Everything belongs to one account. Rows that name different owners are refused, lest somebody gets
 * the tasks of all.
 * @throws CommandError where there is no such account
 */
export async function ownerIs(ctx: Context, name: string): Promise<FindOwner> {
  const { id: userId } = await accountNamed(ctx, name, 'present');
  let first: OwnerName | null = null;
  return async (owner) => {
    first ??= owner;
    if (owner.userId === first.userId && owner.email === first.email) return { userId };
    const pointer = owner.userId === first.userId ? '/user_email' : '/user_id';
    return { pointer, detail: 'is another than in the first row, and --user names one for all' };
  };
}

/** Rows name accounts by `user_email`, or by `user_id`, which `names` may translate. */
export function ownersInRows(ctx: Context, names: ReadonlyMap<string, string>): FindOwner {
  const idOf = remembering(async (name) => {
    const account = (await findAccounts(ctx, OPERATOR, name)).find((it) => !it.is_deleted);
    return account?.id ?? null;
  });
  return async ({ userId, email }): Promise<{ userId: string } | FieldError> => {
    if (userId === null && email === null) {
      return { pointer: '/user_email', detail: 'is required where --user is not given' };
    }
    const [name, pointer] =
      email === null
        ? ([names.get(userId as string) ?? (userId as string), '/user_id'] as const)
        : ([email, '/user_email'] as const);
    const id = await idOf(name);
    return id === null ? { pointer, detail: NOBODY } : { userId: id };
  };
}

/** Rows name accounts by `user_id`, as tokens of another front end by `sub`; who is unknown gets one. */
export function ownersByIdentity(ctx: Context, issuer: string | null): FindOwner {
  const idOf = remembering((subject) => ensureForeignUser(ctx, OPERATOR, { issuer, subject }));
  return async ({ userId: subject }) => {
    const pointer = '/user_id';
    if (subject === null) return { pointer, detail: 'is required with --foreign' };
    const userId = await idOf(subject);
    return userId === null ? { pointer, detail: 'is an account that was deleted' } : { userId };
  };
}

/** Most rows are of the same few people; who is not found is asked for again. */
function remembering(
  find: (name: string) => Promise<string | null>,
): (name: string) => Promise<string | null> {
  const known = new LRUCache<string, string>({ max: MAX_REMEMBERED });
  return async (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const id = await find(name);
    if (id !== null) known.set(name, id);
    return id;
  };
}

/**
 * Reads which account each user of the source is, from CSV with the columns `user_id` and `user`,
 * the latter an address or an id.
 * @throws CommandError
 */
export async function readOwnerNames(path: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  let isHeader = true;
  for await (const record of readCsv(piecesOf(path), MAX_RECORD_BYTES)) {
    const [userId = '', user = '', ...others] = 'fields' in record ? record.fields : [];
    const isWhole = userId !== '' && user !== '' && others.length === 0;
    const place = `Line ${record.line} of the file of users`;
    if (isHeader) {
      if (userId.replace('\uFEFF', '') !== 'user_id' || user !== 'user' || others.length > 0) {
        throw new CommandError('The file of users begins with the line "user_id,user".');
      }
    } else if (!isWhole) {
      throw new CommandError(`${place} is not an id and a user.`);
    } else if (names.has(userId)) {
      throw new CommandError(`${place} names an id that was named before.`);
    } else {
      names.set(userId, user);
    }
    isHeader = false;
  }
  return names;
}
