import { ConfigError } from '../config/config-error.ts';
import { AppError } from '../errors.ts';
import { EmbeddedPostgresError } from '../platform/postgres/embedded/errors.ts';
import { DatabaseUnavailable } from '../platform/postgres/errors.ts';
import { MigrationError } from '../platform/postgres/migration-files.ts';
import { callCommand, listOf } from './call-command.ts';
import { type Command, CommandError } from './command.ts';

/** Errors whose message is all that an operator needs. */
const EXPLAINED = [
  CommandError,
  ConfigError,
  EmbeddedPostgresError,
  MigrationError,
  DatabaseUnavailable,
];

/**
 * Runs the named command. What fails is explained on standard error and ends the process with 1, or
 * with 2 if the command was called in a way that it does not know.
 */
export async function runCommand(
  commands: Record<string, Command>,
  name: string,
  args: string[],
): Promise<void> {
  // Whoever reads the output may have enough of it (`| head`); the command goes on to its end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  if (name === '--help' || name === 'help') return void process.stdout.write(helpOf(commands));
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`There is no command "${name}".\n\n${helpOf(commands)}`);
    process.exitCode = 2;
    return;
  }
  try {
    await callCommand(name, command, args);
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    // Whatever is still open must not keep a failed command alive.
    process.exit(error instanceof CommandError ? error.exitCode : 1);
  }
}

function explain(error: unknown): string {
  if (error instanceof AppError) return sentencesOf(error);
  if (EXPLAINED.some((kind) => error instanceof kind)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function sentencesOf({ message, errors = [] }: AppError): string {
  const details = errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}.`);
  return [message, ...details].join(' ');
}

function helpOf(commands: Record<string, Command>): string {
  const more = '"docket <command> --help" explains one of them.';
  return `docket <command>\n\n${listOf(commands)}\n${more}\n`;
}
