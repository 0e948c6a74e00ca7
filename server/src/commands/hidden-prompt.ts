import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError } from './command.ts';

/** What a shell makes of a program that Ctrl+C has ended. */
const INTERRUPTED = 130;

/** Asks a question on the terminal and shows nothing of what is typed. @throws CommandError */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } catch (error) {
    // Ctrl+C or Ctrl+D.
    throw new CommandError('Nothing was changed.', { cause: error, exitCode: INTERRUPTED });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
