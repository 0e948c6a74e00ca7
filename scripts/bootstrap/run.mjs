import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

const KEPT_OUTPUT = 20_000;

/** Runs a program quietly and resolves with its exit code (`null` when it can't be run) and the end of what it wrote. */
export function run(program, arguments_, options) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, arguments_, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** This process's environment with the clone's own programs first on the PATH, or without them. */
export function environment(root, { ownPrograms }) {
  const own = join(root, 'node_modules/.bin');
  const rest = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== own);
  return { ...process.env, PATH: (ownPrograms ? [own, ...rest] : rest).join(delimiter) };
}

/** The last lines of a program's output, to show why it failed. */
export function lastLines(output, count) {
  return output.trim().split('\n').slice(-count).join('\n');
}
