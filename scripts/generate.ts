import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationFiles } from './docs/configuration.ts';
import { ROOT, runNode } from './run-program.ts';

/** Files by path, relative to the root, with the text that they should have. */
type Generated = Record<string, string>;

const OPENAPI = 'openapi/openapi.json';
const WEB_TYPES = 'web/src/api/schema.gen.ts';

/** Writes every generated file; `--check` only says which are stale. */
async function main(args: string[]): Promise<void> {
  const isCheck = args.includes('--check');
  // In this order: the types of the page are made from the API description.
  for (const make of [apiDescription, configurationFiles, webTypes]) {
    const files: Generated = await make();
    for (const [path, text] of Object.entries(files)) settle(path, text, isCheck);
  }
  for (const program of ['generate-common-passwords.ts', 'generate-database.ts']) {
    const { code } = await runNode([`scripts/${program}`, ...args], { isShown: true });
    if (code !== 0) process.exitCode = 1;
  }
}

function settle(path: string, text: string, isCheck: boolean): void {
  if (readIfPresent(path) === text) return;
  if (!isCheck) {
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
    return;
  }
  console.error(`${path} is stale: run npm run generate`);
  process.exitCode = 1;
}

async function apiDescription(): Promise<Generated> {
  return { [OPENAPI]: await outputOf(['server/src/main.ts', 'openapi']) };
}

async function webTypes(): Promise<Generated> {
  const program = 'node_modules/openapi-typescript/bin/cli.js';
  return { [WEB_TYPES]: await outputOf([program, OPENAPI]) };
}

async function outputOf(args: string[]): Promise<string> {
  const { code, stdout, output } = await runNode(args);
  if (code !== 0) throw new Error(`node ${args.join(' ')} failed:\n${output}`);
  return stdout;
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
}

await main(process.argv.slice(2));
