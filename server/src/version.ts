import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = join(import.meta.dirname, '../../package.json');

/** The release that runs, from the project's package.json. */
export const VERSION: string = JSON.parse(readFileSync(manifest, 'utf8')).version;
