import { type Command, UsageError } from './command.ts';

/** Names up to here have what they do beside them, longer ones below. */
const CALL_WIDTH = 44;

/**
 * Runs a command. `--help` explains it instead, and so do arguments that it does not know.
 * @throws UsageError and what the command throws
 */
export async function callCommand(name: string, command: Command, args: string[]): Promise<void> {
  if (command.isGroup) return command.run(args);
  const { usage, summary } = command;
  const call = usage ? `docket ${name} ${usage}` : `docket ${name}`;
  if (args.includes('--help')) return void process.stdout.write(`${call}\n\n${summary}\n`);
  try {
    if (!usage && args.length > 0) throw new UsageError('Nothing may follow this command.');
    await command.run(args);
  } catch (error) {
    if (!isUsage(error)) throw error;
    throw new UsageError(`${(error as Error).message}\n\nUsage: ${call}`, { cause: error });
  }
}

/** The lines of `--help` for several commands. */
export function listOf(commands: Record<string, Command>): string {
  return Object.entries(commands).map(lineOf).join('');
}

/** Wrong arguments, also those that `parseArgs` does not know. */
function isUsage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS');
}

function lineOf([name, { summary, usage }]: [string, Command]): string {
  const call = usage ? `${name} ${usage}` : name;
  return call.length < CALL_WIDTH
    ? `  ${call.padEnd(CALL_WIDTH)} ${summary}\n`
    : `  ${call}\n${' '.repeat(CALL_WIDTH + 3)}${summary}\n`;
}
