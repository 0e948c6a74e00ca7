import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { databaseUrl, runDocket } from '../../test/harness/docket.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'docket-user-import-'));
const file = join(dataDir, 'users.jsonl');
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database?.drop();
  rmSync(dataDir, { recursive: true });
});

function importUsers(args: string[], input = '') {
  const settings = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl(database.serving) };
  return runDocket(['user', 'import', ...args], settings, input);
}

test('every line is accounted for; a rejected one makes the exit code 1, and a second run changes nothing', async () => {
  const lines = [
    '{"email":"ada@old.example"}',
    '',
    '{"email":"ADA@old.example"}',
    '{"email":"nobody"}',
    `{"email":"long@old.example","name":"${'x'.repeat(20_000)}"}`,
    '{"email":"boss@old.example","roles":["admin"]}',
  ];
  writeFileSync(file, lines.join('\n'));
  const rejections = [
    '      4  rejected   /email must be an e-mail address such as ada@example.org',
    '      5  rejected   the line has more than 16384 bytes',
  ];
  const first = await importUsers([file]);
  expect(first).toMatchObject({ code: 1, err: '' });
  expect(first.out.trimEnd().split('\n')).toEqual([
    '      1  created',
    '      3  unchanged',
    ...rejections,
    '      6  rejected   /roles gives roles, which only --allow-roles permits',
    '1 created, 1 unchanged, 3 rejected',
  ]);
  const second = await importUsers([file, '--allow-roles']);
  expect(second.out.trimEnd().split('\n')).toEqual([
    '      1  unchanged',
    '      3  unchanged',
    ...rejections,
    '      6  created',
    '1 created, 2 unchanged, 2 rejected',
  ]);
});

test('lines may come from standard input', async () => {
  const { code, out } = await importUsers(['-'], '{"email":"stdin@old.example"}\n');
  expect([code, out]).toEqual([0, '      1  created\n1 created, 0 unchanged, 0 rejected\n']);
});

test.each([
  ['no file', [], 2, 'Name one file of JSON lines, or - for standard input.'],
  ['two files', ['a', 'b'], 2, 'Name one file of JSON lines, or - for standard input.'],
  ['a file that is not there', [join(dataDir, 'none')], 1, 'The file cannot be read (ENOENT).'],
])('%s is refused in one sentence', async (_, args, expected, sentence) => {
  const { code, out, err } = await importUsers(args);
  expect([code, out, err.trim().split('\n', 1)[0]]).toEqual([expected, '', sentence]);
});
