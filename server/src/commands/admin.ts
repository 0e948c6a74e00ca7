import { createAdmin } from './admin-create.ts';
import { type Command, CommandError } from './command.ts';

export const admin: Command = {
  summary: 'Make an administrator, or make a user one',
  usage: 'create --email <address>',
  async run([name, ...args]) {
    if (name !== 'create') {
      throw new CommandError(
        'docket admin create --email <address> [--name <name>] [--password <password> | --password-file <file>]',
      );
    }
    await createAdmin(args);
  },
};
