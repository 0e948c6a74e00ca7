import { type Command, UsageError } from './command.ts';

/** A command whose first argument chooses one of several: `docket user list`. */
export function commandGroup(
  name: string,
  summary: string,
  commands: Record<string, Command>,
): Command {
  const help = `docket ${name} <command>\n\n${Object.entries(commands).map(lineOf).join('')}`;
  return {
    summary,
    usage: `<${Object.keys(commands).join('|')}>`,
    async run([first, ...rest]) {
      if (first === '--help' || first === 'help') return void process.stdout.write(help);
      if (first === undefined) throw new UsageError(help.trimEnd());
      const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
      if (!command) throw new UsageError(`There is no command "${name} ${first}".\n\n${help}`);
      const { usage = '', summary: what } = command;
      const call = `docket ${name} ${first} ${usage}`.trimEnd();
      if (rest.includes('--help')) return void process.stdout.write(`${call}\n\n${what}\n`);
      await explainingUsage(call, () => command.run(rest));
    },
  };
}

/** Arguments that a command does not know are answered with those that it does. */
async function explainingUsage(call: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const isUsage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
    throw isUsage ? new UsageError(`${(error as Error).message}\n\nUsage: ${call}`) : error;
  }
}

function lineOf([name, { summary, usage }]: [string, Command]): string {
  const call = usage ? `${name} ${usage}` : name;
  return call.length < 44
    ? `  ${call.padEnd(44)} ${summary}\n`
    : `  ${call}\n${' '.repeat(47)}${summary}\n`;
}
