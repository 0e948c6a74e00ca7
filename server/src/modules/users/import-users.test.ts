import { Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount } from '../../../test/harness/accounts.ts';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { readLines } from '../../platform/lines.ts';
import { readUserLine } from './import-users.schema.ts';
import { type ImportLine, type ImportOutcome, importUsers } from './import-users.ts';

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = new pg.Client(database.owner);
  await owner.connect();
});

afterAll(() => owner?.end());

const ARGON2ID =
  '$argon2id$v=19$m=8192,t=3,p=4$c2FsdHNhbHRzYWx0MTIzNA$DgLp7dcMQLzXbBp1hcVlrcWdTtS7nD+plDX2RgnkFvo';

async function* linesOf(text: string | Buffer): AsyncGenerator<ImportLine> {
  for await (const { number, bytes } of readLines(Readable.from([Buffer.from(text)]), 10_000)) {
    yield { line: number, ...readUserLine(bytes ?? Buffer.alloc(0)) };
  }
}

async function outcomesOf(lines: AsyncIterable<ImportLine>, mayGrantRoles = false) {
  const outcomes: ImportOutcome[] = [];
  for await (const it of importUsers(database, OPERATOR, lines, { mayGrantRoles }))
    outcomes.push(it);
  return outcomes;
}

function importLines(lines: object[], mayGrantRoles = false): Promise<ImportOutcome[]> {
  return outcomesOf(linesOf(lines.map((line) => JSON.stringify(line)).join('\n')), mayGrantRoles);
}

async function userWith(email: string) {
  const { rows } = await owner.query(
    `SELECT *, array(SELECT role_name FROM user_roles WHERE user_id = id ORDER BY 1) AS roles
     FROM users WHERE email = $1`,
    [email],
  );
  return rows[0];
}

const created = (line: number) => ({ line, outcome: 'created' });
const unchanged = (line: number) => ({ line, outcome: 'unchanged' });
const rejected = (line: number, pointer: string) => ({
  line,
  outcome: 'rejected',
  errors: [expect.objectContaining({ pointer })],
});

test('users arrive with name, state, time and hash, and are audited', async () => {
  const ada = {
    email: ' Ada@Old.example ',
    name: ' Ada ',
    password_hash: ARGON2ID,
    email_verified: true,
    created_at: '2015-04-03T02:01:00+02:00',
  };
  expect(await importLines([ada, { email: 'bob@old.example' }])).toEqual([created(1), created(2)]);
  const stored = await userWith('Ada@Old.example');
  expect(stored).toMatchObject({
    email_canonical: 'ada@old.example',
    name: 'Ada',
    status: 'active',
    password_hash: ARGON2ID,
    created_at: new Date('2015-04-03T00:01:00Z'),
    email_verified_at: expect.any(Date),
    roles: ['user'],
  });
  expect(await userWith('bob@old.example')).toMatchObject({
    name: null,
    status: 'unverified',
    password_hash: null,
    email_verified_at: null,
    roles: ['user'],
  });
  const { rows } = await owner.query(
    `SELECT actor_kind, changes FROM audit_events WHERE action = 'user.imported' AND user_id = $1`,
    [stored.id],
  );
  expect(rows).toEqual([{ actor_kind: 'operator', changes: { roles: ['user'] } }]);
});

test('a second import changes nothing, not even what has changed in between or in the file', async () => {
  const lines = Array.from({ length: 450 }, (_, i) => ({ email: `many-${i}@old.example` }));
  expect(await importLines(lines)).toEqual(lines.map((_, i) => created(i + 1)));
  await owner.query(`UPDATE users SET name = 'New' WHERE email = 'many-0@old.example'`);
  const again = lines.map((line) => ({ email: line.email.toUpperCase(), name: 'Old' }));
  expect(await importLines(again)).toEqual(lines.map((_, i) => unchanged(i + 1)));
  expect(await userWith('many-0@old.example')).toMatchObject({ name: 'New' });
  expect(await userWith('many-1@old.example')).toMatchObject({ name: null });
});

test('two imports of one file at once make each user once', async () => {
  const lines = Array.from({ length: 250 }, (_, i) => ({ email: `race-${i}@old.example` }));
  const runs = await Promise.all([importLines(lines), importLines(lines.toReversed())]);
  const counts = runs.flat().reduce((sum, it) => sum + (it.outcome === 'created' ? 1 : 0), 0);
  expect(counts).toBe(250);
});

test('an address that stands twice in a file is one user; that of a deleted one is free', async () => {
  const gone = await addAccount(owner, { isDeleted: true });
  const lines = [{ email: 'twice@old.example' }, { email: 'Twice@old.example' }, gone].map(
    ({ email }) => ({ email }),
  );
  expect(await importLines(lines)).toEqual([created(1), unchanged(2), created(3)]);
});

const HASH = { password_hash: ARGON2ID };

test.each<[string, unknown, string]>([
  ['no object', [], ''],
  ['no address', { name: 'Ada' }, '/email'],
  ['a bad address', { email: 'ada@old.example\r\nBcc: x@x.org' }, '/email'],
  ['a name of 101 characters', { email: 'a@b.c', name: 'x'.repeat(101) }, '/name'],
  ['a name with NUL', { email: 'a@b.c', name: 'x\u0000' }, '/name'],
  ['a password', { email: 'a@b.c', password: 'a password' }, '/password'],
  ['a status', { email: 'a@b.c', status: 'active' }, '/status'],
  ['an id', { email: 'a@b.c', id: '0198f0a0-0000-7000-8000-000000000001' }, '/id'],
  ['a hash of no known scheme', { email: 'a@b.c', password_hash: 'hunter2' }, '/password_hash'],
  [
    'a hash that costs too much',
    { email: 'a@b.c', password_hash: `$2b$31$${'a'.repeat(53)}` },
    '/password_hash',
  ],
  ['a word for yes', { email: 'a@b.c', email_verified: 'true' }, '/email_verified'],
  ['a time that is none', { email: 'a@b.c', created_at: '2026-02-30T00:00:00Z' }, '/created_at'],
  ['a time to come', { email: 'a@b.c', created_at: '9999-01-01T00:00:00Z' }, '/created_at'],
  [
    'a time that cannot be shown',
    { email: 'a@b.c', created_at: '0001-01-01T00:00:00+15:00' },
    '/created_at',
  ],
  ['roles that are no list', { email: 'a@b.c', roles: 'admin' }, '/roles'],
  ['a role without leave', { email: 'a@b.c', roles: ['user', 'admin'] }, '/roles'],
])(
  'a line with %s is rejected by its field, the lines around it are not',
  async (name, bad, pointer) => {
    const [before, after] = ['before', 'after'].map((it) => ({
      email: `${it}-${Buffer.from(name).toString('hex').slice(0, 50)}@old.example`,
      ...HASH,
    }));
    const outcomes = await importLines([before, bad, after] as object[]);
    expect(outcomes).toEqual([created(1), rejected(2, pointer), created(3)]);
    expect(JSON.stringify(outcomes)).not.toMatch(/hunter2|a password|\$2b/);
    expect(await userWith('a@b.c')).toBeUndefined();
  },
);

test('bytes that are no JSON or no UTF-8 are rejected, whatever line they are on', async () => {
  const text = Buffer.concat([
    Buffer.from('\ufeff{"email":"bom@old.example"}\r\n{"email":\n'),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    Buffer.from('{"email":"last@old.example","__proto__":{"email":"x@x.org"}}\n"text"'),
  ]);
  expect(await outcomesOf(linesOf(text))).toEqual([
    created(1),
    rejected(2, ''),
    rejected(3, ''),
    rejected(4, '/__proto__'),
    rejected(5, ''),
  ]);
});

test('with leave, lines give roles that exist, and the role of everybody in any case', async () => {
  const lines = [
    { email: 'boss@old.example', roles: ['admin', 'admin'] },
    { email: 'none@old.example', roles: ['user', 'no-such-role'] },
  ];
  expect(await importLines(lines, true)).toEqual([created(1), rejected(2, '/roles/1')]);
  expect((await userWith('boss@old.example')).roles).toEqual(['admin', 'user']);
  expect(await userWith('none@old.example')).toBeUndefined();
});

test('what was told before an interruption has been committed, what follows has not', async () => {
  const broken = (async function* () {
    for (let i = 1; i <= 250; i++) {
      yield { line: i, ...readUserLine(Buffer.from(`{"email":"cut-${i}@old.example"}`)) };
    }
    throw new Error('the disk is gone');
  })();
  await expect(outcomesOf(broken)).rejects.toThrow('the disk is gone');
  const { rows } = await owner.query(
    `SELECT count(*)::int FROM users WHERE email LIKE 'cut-%@old.example'`,
  );
  expect(rows).toEqual([{ count: 200 }]);
});
