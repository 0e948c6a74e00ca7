import { COMMANDS } from './commands/commands.ts';
import { runCommand } from './commands/run-command.ts';

const [name = 'serve', ...args] = process.argv.slice(2);
await runCommand(COMMANDS, name, args);
