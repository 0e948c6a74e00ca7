import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { raiseThreadPool } from './config/env.ts';

// Types are stripped and code is compiled once, not at every start: a fifth faster, 20 MB less.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'));
raiseThreadPool();

const { COMMANDS } = await import('./commands/commands.ts');
const { runCommand } = await import('./commands/run-command.ts');

const [name = 'serve', ...args] = process.argv.slice(2);
await runCommand(COMMANDS, name, args);
