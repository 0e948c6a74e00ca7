import { createAdmin } from './admin-create.ts';
import { commandGroup } from './command-group.ts';

export const admin = commandGroup('admin', 'Make an administrator, or make a user one', {
  create: {
    summary:
      'Make an administrator, or make a user one; asks for the password if neither option gives it',
    usage: '--email ADDRESS [--name NAME] [--password-file FILE | --password PASSWORD]',
    run: createAdmin,
  },
});
