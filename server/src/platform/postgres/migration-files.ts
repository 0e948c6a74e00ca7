import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The migrations that ship with this release. */
export const MIGRATIONS_DIR = join(import.meta.dirname, '../../../migrations');

/** One numbered step of the schema, with the way back. */
export interface Migration {
  version: number;
  name: string;
  up: string;
  down: string;
  /** SHA-256 of the way up, hexadecimal. */
  checksum: string;
}

/** The schema cannot be brought to where it should be; the message says what to do. */
export class MigrationError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

const UP_FILE = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/**
 * Reads the migrations of a folder, in order.
 * @throws MigrationError when a number is missing or taken twice, or the way back is missing
 */
export function readMigrations(directory: string = MIGRATIONS_DIR): Migration[] {
  const migrations = readdirSync(directory)
    .filter((file) => UP_FILE.test(file))
    .sort()
    .map((file) => readMigration(directory, file));
  migrations.forEach((migration, index) => {
    if (migration.version === index + 1) return;
    throw new MigrationError(`Migrations must be numbered 1, 2, 3…: look at ${migration.name}`);
  });
  return migrations;
}

function readMigration(directory: string, file: string): Migration {
  const [, digits, name = ''] = UP_FILE.exec(file) ?? [];
  const up = readFileSync(join(directory, file), 'utf8');
  return {
    version: Number(digits),
    name,
    up,
    down: readDown(directory, file.replace(/\.sql$/, '.down.sql')),
    checksum: createHash('sha256').update(up).digest('hex'),
  };
}

function readDown(directory: string, file: string): string {
  try {
    return readFileSync(join(directory, file), 'utf8');
  } catch (error) {
    throw new MigrationError(`The migration file ${file} cannot be read`, { cause: error });
  }
}
