import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import {
  listAccounts,
  listDeletedAccounts,
} from '../modules/administration/account-list.service.ts';
import {
  type Account,
  type ListedAccount,
  toAccountResponse,
  toListedAccount,
} from '../modules/administration/accounts.schema.ts';
import { viewAccount } from '../modules/administration/accounts.service.ts';
import { type Command, UsageError } from './command.ts';
import { accountNamed, namesOf, print } from './user-account.ts';
import { withContext } from './with-context.ts';

const STATUSES = ['unverified', 'active', 'disabled'] as const;
const PAGE = 100;

export const listUsers: Command = {
  summary: 'List users, one a line',
  usage: '[--status S] [--role R] [--query TEXT] [--deleted] [--json]',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        status: { type: 'string' },
        role: { type: 'string' },
        query: { type: 'string' },
        deleted: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const { role, query, deleted = false, json = false } = values;
    if (deleted && (values.status ?? role ?? query) !== undefined) {
      throw new UsageError('--deleted lists all deleted users, without other options.');
    }
    const status = statusOf(values.status);
    const filter = {
      ...(status && { status }),
      ...(role !== undefined && { role }),
      ...(query !== undefined && { q: query }),
    };
    const write = (account: ListedAccount) =>
      print(json ? JSON.stringify(account) : lineOf(account));
    const count = await withContext((ctx) => eachAccount(ctx, deleted ? null : filter, write));
    if (!json) print(count === 1 ? '1 user' : `${count} users`);
  },
};

export const showUser: Command = {
  summary: 'Show a user, deleted or not',
  usage: '<email|id> [--json]',
  async run(args) {
    const [name, { json }] = namesOf(args, { json: { type: 'boolean' } });
    const account = await withContext(async (ctx) => {
      const { id } = await accountNamed(ctx, name, 'any');
      return toAccountResponse(await viewAccount(ctx, OPERATOR, id));
    });
    print(json ? JSON.stringify(account) : pageOf(account));
  },
};

type Filter = Parameters<typeof listAccounts>[2];

/** Page by page, so that any number of users fits into memory. null: the deleted ones. */
async function eachAccount(
  ctx: Context,
  filter: Filter | null,
  write: (account: ListedAccount) => void,
): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor && { cursor }) };
    const { items, nextCursor } = await (filter
      ? listAccounts(ctx, OPERATOR, { ...filter, ...page })
      : listDeletedAccounts(ctx, OPERATOR, page));
    for (const row of items) write(toListedAccount(row));
    count += items.length;
    cursor = nextCursor;
  } while (cursor !== null);
  return count;
}

function statusOf(text: string | undefined): (typeof STATUSES)[number] | undefined {
  const status = STATUSES.find((it) => it === text);
  if (text !== undefined && !status) {
    throw new UsageError(`--status is one of ${STATUSES.join(', ')}.`);
  }
  return status;
}

function lineOf({ id, email, status, roles, deleted_at: deletedAt }: ListedAccount): string {
  const state = deletedAt === null ? status : 'deleted';
  return `${id}  ${(email ?? '-').padEnd(32)}  ${state.padEnd(10)}  ${roles.join(', ')}`.trimEnd();
}

function pageOf(account: Account): string {
  const { tasks, deleted_at: deletedAt } = account;
  const open = tasks.pending + tasks.in_progress;
  const lines: [string, string | number | null][] = [
    ['id', account.id],
    ['email', account.email],
    ['name', account.name],
    ['status', deletedAt === null ? account.status : `deleted ${deletedAt}`],
    ['roles', account.roles.join(', ')],
    ['verified', account.email_verified_at],
    ['pending email', account.pending_email],
    ['created', account.created_at],
    ['last sign-in', account.last_login_at],
    ['live sessions', account.sessions],
    ['providers', account.providers.map(({ name }) => name).join(', ') || null],
    ['tasks', `${open} open, ${tasks.completed} completed, ${tasks.trashed} in the trash`],
  ];
  return lines.map(([label, value]) => `${label.padEnd(15)}${value ?? '-'}`).join('\n');
}
