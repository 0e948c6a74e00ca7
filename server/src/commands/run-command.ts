import { ConfigError } from '../config/config-error.ts';
import { AppError } from '../errors.ts';
import { EmbeddedPostgresError } from '../platform/postgres/embedded/errors.ts';
import { DatabaseUnavailable } from '../platform/postgres/errors.ts';
import { MigrationError } from '../platform/postgres/migration-files.ts';
import { type Command, CommandError } from './command.ts';

/** Errors whose message is all that an operator needs. */
const EXPLAINED = [
  CommandError,
  ConfigError,
  EmbeddedPostgresError,
  MigrationError,
  DatabaseUnavailable,
];

/** Runs the named command; what fails is explained on standard error and ends the process with 1. */
export async function runCommand(
  commands: Record<string, Command>,
  name: string,
  args: string[],
): Promise<void> {
  if (name === '--help' || name === 'help') return void process.stdout.write(helpOf(commands));
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`There is no command "${name}".\n\n${helpOf(commands)}`);
    process.exitCode = 2;
    return;
  }
  try {
    await command.run(args);
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    // Whatever is still open must not keep a failed command alive.
    process.exit(exitCodeOf(error));
  }
}

/** 2: called in the wrong way; 1: everything else. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return isUsage(error) ? 2 : 1;
}

/** Options that `parseArgs` does not know. */
function isUsage(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

function explain(error: unknown): string {
  if (error instanceof AppError) return sentencesOf(error);
  if (isUsage(error)) return (error as Error).message;
  if (EXPLAINED.some((kind) => error instanceof kind)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function sentencesOf({ message, errors = [] }: AppError): string {
  const details = errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}.`);
  return [message, ...details].join(' ');
}

function helpOf(commands: Record<string, Command>): string {
  const lines = Object.entries(commands).map(([name, { summary, usage }]) => {
    const call = usage ? `${name} ${usage}` : name;
    return `  ${call.padEnd(34)} ${summary}`;
  });
  return `docket <command>\n\n${lines.join('\n')}\n`;
}
