import { callCommand, listOf } from './call-command.ts';
import { type Command, UsageError } from './command.ts';

/** A command whose first argument chooses one of several: `docket user list`. */
export function commandGroup(
  name: string,
  summary: string,
  commands: Record<string, Command>,
): Command {
  const help = `docket ${name} <command>\n\n${listOf(commands)}`;
  return {
    summary,
    usage: '<command>',
    isGroup: true,
    async run([first, ...rest]) {
      if (first === '--help' || first === 'help') return void process.stdout.write(help);
      if (first === undefined) throw new UsageError(help.trimEnd());
      const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
      if (!command) {
        throw new UsageError(`There is no command "${name} ${first}".\n\n${help.trimEnd()}`);
      }
      await callCommand(`${name} ${first}`, command, rest);
    },
  };
}
