import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { connectClient } from '../server/src/platform/postgres/client.ts';
import { startEmbeddedPostgres } from '../server/src/platform/postgres/embedded/embedded-postgres.ts';
import { migrate } from '../server/src/platform/postgres/migrations.ts';
import { schemaSnapshot } from './database/schema-snapshot.ts';
import { tableTypes } from './database/table-types.ts';

const ROOT = join(import.meta.dirname, '..');
const SNAPSHOT = join(ROOT, 'server/migrations/schema.sql');
const TYPES = join(ROOT, 'server/src/platform/postgres/tables.gen.ts');

/** Migrates an empty database of its own and writes what the catalogs say; `--check` only compares. */
async function main(args: string[]): Promise<void> {
  const generated = await generate();
  if (!args.includes('--check')) {
    for (const [path, text] of generated) writeFileSync(path, text);
    return;
  }
  const stale = [...generated].filter(([path, text]) => readIfPresent(path) !== text);
  for (const [path] of stale) {
    console.error(`${relative(ROOT, path)} is stale: run node scripts/generate-database.ts`);
  }
  if (stale.length > 0) process.exitCode = 1;
}

async function generate(): Promise<Map<string, string>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'docket-schema-'));
  const log = (level: string, message: string) => {
    if (level !== 'info') console.error(message);
  };
  const postgres = await startEmbeddedPostgres({ dataDir, log, role: 'server' });
  try {
    await migrate({ ownerConnection: postgres.owner, servingRole: null, log: () => {} });
    const client = await connectClient(postgres.owner);
    try {
      return new Map([
        [SNAPSHOT, await schemaSnapshot(client)],
        [TYPES, await tableTypes(client)],
      ]);
    } finally {
      await client.end();
    }
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

await main(process.argv.slice(2));
