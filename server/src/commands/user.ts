import { OPERATOR } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import {
  deleteAccount,
  endSessions,
  getAccount,
  mailPasswordReset,
  restoreAccount,
} from '../modules/administration/accounts.service.ts';
import { changeAccount } from '../modules/administration/change-account.service.ts';
import type { NamedAccount } from '../modules/administration/find-account.service.ts';
import { makeResetLink } from '../modules/users/reset-link.service.ts';
import { type Command, CommandError, UsageError } from './command.ts';
import { commandGroup } from './command-group.ts';
import { accountNamed, namesOf, print } from './user-account.ts';
import { importUsersCommand } from './user-import.ts';
import { listUsers, showUser } from './user-list.ts';
import { withContext } from './with-context.ts';

/** Does something to one user, and prints what it answers. */
function onUser(
  summary: string,
  act: (ctx: Context, account: NamedAccount) => Promise<string>,
  wanted: 'present' | 'deleted' = 'present',
): Command {
  return {
    summary,
    usage: '<email|id>',
    async run(args) {
      const [name] = namesOf(args, {});
      print(await withContext(async (ctx) => act(ctx, await accountNamed(ctx, name, wanted))));
    },
  };
}

const disable = onUser('Keep a user out, at once', async (ctx, { id, label }) => {
  await changeAccount(ctx, OPERATOR, id, { status: 'disabled' });
  return `${label} is disabled: signed out everywhere, and cannot sign in.`;
});

const enable = onUser('Let a disabled user in again', async (ctx, { id, label }) => {
  const { status } = await changeAccount(ctx, OPERATOR, id, { status: 'active' });
  return `${label} is enabled (${status}).`;
});

const deleteOne = onUser('Delete a user, restorable for 30 days', async (ctx, { id, label }) => {
  await deleteAccount(ctx, OPERATOR, id);
  return `${label} is deleted. For 30 days: docket user restore ${id}`;
});

const restore = onUser(
  'Take a deletion back',
  async (ctx, { id, label }) => {
    await restoreAccount(ctx, OPERATOR, id);
    return `${label} is restored.`;
  },
  'deleted',
);

const endAll = onUser('Sign a user out everywhere', async (ctx, { id, label }) => {
  await endSessions(ctx, OPERATOR, id);
  return `All sessions of ${label} have ended.`;
});

const resetPassword: Command = {
  summary: 'Mail a user a link to choose a new password, or print it',
  usage: '<email|id> [--print]',
  async run(args) {
    const [name, { print: isPrinted }] = namesOf(args, { print: { type: 'boolean' } });
    await withContext(async (ctx) => {
      const { id, label } = await accountNamed(ctx, name, 'present');
      if ((await getAccount(ctx, id)).status === 'disabled') {
        throw new CommandError(`${label} is disabled. "docket user enable" comes first.`);
      }
      if (isPrinted) return print(await makeResetLink(ctx, OPERATOR, id));
      await mailPasswordReset(ctx, OPERATOR, id);
      print(
        `A link goes to ${label}, as soon as a server or worker runs. It is good for 30 minutes.`,
      );
    });
  },
};

const roles: Command = {
  summary: 'Show the roles of a user, give some, take some',
  usage: '<email|id> [--add ROLE]… [--remove ROLE]…',
  async run(args) {
    const many = { type: 'string', multiple: true } as const;
    const [name, { add = [], remove = [] }] = namesOf(args, { add: many, remove: many });
    const both = add.find((role) => remove.includes(role));
    if (both !== undefined) throw new UsageError(`"${both}" cannot be both added and removed.`);
    await withContext(async (ctx) => {
      const { id, label } = await accountNamed(ctx, name, 'present');
      const before = (await getAccount(ctx, id)).roles;
      const wanted = [...new Set([...before, ...add])].filter((role) => !remove.includes(role));
      const isChange =
        wanted.length !== before.length || add.some((role) => !before.includes(role));
      const after = isChange ? await changeRoles(ctx, id, wanted) : before;
      print(`${label}: ${after.join(', ') || 'no roles'}`);
    });
  },
};

async function changeRoles(ctx: Context, id: string, wanted: string[]): Promise<string[]> {
  try {
    return (await changeAccount(ctx, OPERATOR, id, { roles: wanted })).roles;
  } catch (error) {
    const pointer = error instanceof AppError ? error.errors?.[0]?.pointer : undefined;
    const index = /^\/roles\/(\d+)$/.exec(pointer ?? '')?.[1];
    if (index === undefined) throw error;
    throw new CommandError(`There is no role "${wanted[Number(index)]}".`, { cause: error });
  }
}

export const user = commandGroup('user', 'See and change users, without a browser', {
  list: listUsers,
  show: showUser,
  disable,
  enable,
  delete: deleteOne,
  restore,
  'reset-password': resetPassword,
  'end-sessions': endAll,
  roles,
  import: {
    summary: 'Import users from a file of JSON lines',
    usage: '<file|-> [--allow-roles]',
    run: importUsersCommand,
  },
});
