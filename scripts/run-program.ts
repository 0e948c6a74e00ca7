import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** What a program wrote, and how it ended. */
export interface Outcome {
  /** null: it could not be started, or a signal ended it. */
  code: number | null;
  stdout: string;
  /** Both streams, in the order in which they came. */
  output: string;
}

interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Show everything as it comes, instead of collecting it. */
  isShown?: boolean;
}

/** This process's environment with the project's own programs, its Node among them, found first. */
export function programEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, ...more, PATH: path };
}

const running = new Set<ChildProcess>();

/** Ends every program that still runs, and then this process, when somebody ends it. */
export function endProgramsWithThis(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const ends = [...running].map((child) => {
        child.kill('SIGTERM');
        return new Promise((resolve) => child.once('close', resolve));
      });
      void Promise.all(ends).then(() => process.exit(1));
    });
  }
}

/** Runs a program to its end; it never throws. */
export function runProgram(
  program: string,
  args: string[],
  options: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { code: null, stdout: '', output: '' };
    const child = spawn(program, args, {
      cwd: options.cwd ?? ROOT,
      env: programEnvironment(options.env),
      stdio: options.isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      outcome.stdout += chunk;
      outcome.output += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      outcome.output += chunk;
    });
    child.once('error', (error) => resolve({ ...outcome, output: error.message }));
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}

/** Runs a script or a package's program on the Node that runs this. */
export function runNode(args: string[], options?: RunOptions): Promise<Outcome> {
  return runProgram(process.execPath, args, options);
}
