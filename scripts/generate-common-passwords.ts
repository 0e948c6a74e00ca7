import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonPasswords, encodeCommonPasswords } from './passwords/common-passwords.ts';
import { ROOT } from './run-program.ts';

const PATH = 'server/src/auth/common-passwords.bin';

/** Writes the file of common passwords; `--check` only says whether it is stale. */
function main(args: string[]): void {
  const file = encodeCommonPasswords(commonPasswords());
  if (file.equals(readIfPresent())) return;
  if (!args.includes('--check')) {
    writeFileSync(join(ROOT, PATH), file);
    console.log(`wrote ${PATH}`);
    return;
  }
  console.error(`${PATH} is stale: run npm run generate`);
  process.exitCode = 1;
}

function readIfPresent(): Buffer {
  try {
    return readFileSync(join(ROOT, PATH));
  } catch {
    return Buffer.alloc(0);
  }
}

main(process.argv.slice(2));
