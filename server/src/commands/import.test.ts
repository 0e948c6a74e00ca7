import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount } from '../../test/harness/accounts.ts';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { databaseUrl, runDocket } from '../../test/harness/docket.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'docket-import-'));
let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client(database.owner);
  await owner.connect();
});

afterAll(async () => {
  await owner?.end();
  await database?.drop();
  rmSync(dataDir, { recursive: true });
});

/** Writes a file for a command; answers its path. */
function file(name: string, content: string): string {
  const path = join(dataDir, name);
  writeFileSync(path, content);
  return path;
}

async function importFile(args: string[], input = '') {
  const settings = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl(database.serving) };
  const outcome = await runDocket(['import', ...args], settings, input);
  return { ...outcome, lines: outcome.out.trimEnd().split('\n') };
}

async function titlesOf(userId: string): Promise<string[]> {
  const { rows } = await owner.query(
    'SELECT title FROM tasks WHERE user_id = $1 ORDER BY created_at DESC, id DESC',
    [userId],
  );
  return rows.map((row) => row.title);
}

test('a list of todos for one person: every row is accounted for, and a second run adds nothing', async () => {
  const ada = await addAccount(owner);
  const path = file(
    'todos.json',
    '[{"id":2,"text":"two","completed":true},\n {oops}, {"id":1,"text":" one","completed":false}]',
  );
  const first = await importFile(['todos', path, '--user', ada.email]);
  expect(first).toMatchObject({ code: 1, err: '' });
  expect(first.lines).toEqual([
    '      1  created',
    '      2  rejected   the line is not well-formed JSON in UTF-8',
    '      3  created',
    '2 created, 0 unchanged, 1 rejected',
  ]);
  const second = await importFile(['todos', path, '--user', ada.id]);
  expect(second.lines.at(-1)).toBe('0 created, 2 unchanged, 1 rejected');
  expect(await titlesOf(ada.id)).toEqual(['two', ' one']);
});

test('CSV of several people: columns in any order, owners by address, id or translated id', async () => {
  const [ada, grace] = [await addAccount(owner), await addAccount(owner)];
  const gone = await addAccount(owner, { isDeleted: true });
  const path = file(
    'tasks.csv',
    [
      '\uFEFFtitle,id,user_email,user_id,completed,created_at,completed_at,priority',
      `"Multi, ""line""\nby address",1,${ada.email.toUpperCase()},,t,2024-01-02 10:00:00.5+00,2024-01-03 10:00:00+00,9`,
      `by id,2,,${grace.id},f,,,`,
      'by translation,3,,old-7,f,2024-01-01 10:00:00,,',
      'nobody,4,,old-8,f,,,',
      `too few,5,${ada.email}`,
      `deleted,6,${gone.email},,f,,,`,
      'none,7,,,f,,,',
      '',
    ].join('\r\n'),
  );
  const users = file('users.csv', `user_id,user\nold-7,${ada.email}\n`);
  const refused = await importFile(['tasks', path, '--users', users]);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('The column "priority" is not known; --ignore leaves it out.');
  const { code, lines } = await importFile([
    'tasks',
    path,
    '--users',
    users,
    '--ignore',
    'priority',
  ]);
  expect(code).toBe(1);
  expect(lines).toEqual([
    '      2  created',
    '      4  created',
    '      5  created',
    '      6  rejected   /user_id is no account of this server',
    '      7  rejected   the line has 3 fields, and the header has 8',
    '      8  rejected   /user_email is no account of this server',
    '      9  rejected   /user_email is required where --user is not given',
    '3 created, 0 unchanged, 4 rejected',
  ]);
  expect(await titlesOf(ada.id)).toEqual(['Multi, "line"\nby address', 'by translation']);
  expect(await titlesOf(grace.id)).toEqual(['by id']);
});

test('JSON lines from standard input', async () => {
  const ada = await addAccount(owner);
  const input = '\n{"id":1,"title":"a"}\n\nnothing\n{"id":2,"title":"b","extra":1}\n';
  const { lines } = await importFile(['tasks', '-', '--user', ada.id, '--ignore', 'extra'], input);
  expect(lines).toEqual([
    '      2  created',
    '      4  rejected   the line is not well-formed JSON in UTF-8',
    '      5  created',
    '2 created, 0 unchanged, 1 rejected',
  ]);
});

test('names that a file gives cannot write on the terminal, and wrong values are told in words', async () => {
  const ada = await addAccount(owner);
  const input = '[{"id":1,"text":"x","a\\n\\u001b[2J":1},{"id":2,"text":"x","completed":"maybe"}]';
  const { lines } = await importFile(['todos', '-', '--user', ada.id], input);
  expect(lines).toEqual([
    '      1  rejected   /a\uFFFD\uFFFD[2J is not a known field',
    '      2  rejected   /completed must be true, false or null',
    '0 created, 0 unchanged, 2 rejected',
  ]);
  const { err } = await importFile(
    ['todos', '-', '--user', ada.id],
    `id,\u001b[2J${'x'.repeat(500)}\n`,
  );
  expect(err).toMatch(/The column "\uFFFD\[2Jx{96}…" is not known/);
});

test('with one account named, nobody gets the tasks of several', async () => {
  const ada = await addAccount(owner);
  const input = ['u1', 'u1', 'u2'].map(
    (user, id) => `{"id":${id},"title":"x","user_id":"${user}"}\n`,
  );
  const { lines } = await importFile(['tasks', '-', '--user', ada.id], input.join(''));
  expect(lines).toEqual([
    '      1  created',
    '      2  created',
    '      3  rejected   /user_id is another than in the first row, and --user names one for all',
    '2 created, 0 unchanged, 1 rejected',
  ]);
});

test('owners named as another front end names them, who get accounts at their first row', async () => {
  const subject = 'aB3x9Qw7';
  const input = `id,title,user_id\n1,one,${subject}\n2,two,${subject}\n3,three,\n`;
  const args = ['tasks', '-', '--foreign', '--issuer', 'https://app.example.org'];
  const first = await importFile(args, input);
  expect(first.lines).toEqual([
    '      2  created',
    '      3  created',
    '      4  rejected   /user_id is required with --foreign',
    '2 created, 0 unchanged, 1 rejected',
  ]);
  expect((await importFile(args, input)).lines.at(-1)).toBe('0 created, 2 unchanged, 1 rejected');
  const { rows } = await owner.query(
    `SELECT users.email, users.password_hash, last_used_at, (SELECT count(*) FROM tasks WHERE tasks.user_id = users.id) AS tasks,
       array(SELECT role_name FROM user_roles WHERE user_roles.user_id = users.id) AS roles
     FROM user_auth_providers JOIN users ON users.id = user_id WHERE subject = $1`,
    [subject],
  );
  expect(rows).toEqual([
    { email: null, password_hash: null, last_used_at: null, tasks: '2', roles: ['user'] },
  ]);
  await owner.query(
    `UPDATE users SET deleted_at = now()
     WHERE id = (SELECT user_id FROM user_auth_providers WHERE subject = $1)`,
    [subject],
  );
  expect((await importFile(args, input)).lines[0]).toBe(
    '      2  rejected   /user_id is an account that was deleted',
  );
});

test.each([
  [['todos', '-', '--issuer', 'x'], 2, '--issuer belongs to --foreign'],
  [['todos', '-', '--user', 'a', '--foreign'], 2, 'give one'],
  [['todos'], 2, 'Name one file'],
  [['todos', 'a', 'b'], 2, 'Name one file'],
  [['todos', '-', '--user', 'a', '--users', 'b'], 2, 'give one'],
  [['todos', '-', '--user', 'nobody@example.org'], 1, 'There is no user'],
  [['todos', join(dataDir, 'none')], 1, 'The file cannot be read (ENOENT).'],
  [['todos', '-'], 1, 'The file is empty.'],
  [['notes', '-'], 2, 'There is no command "import notes".'],
])('%j is refused in one sentence', async (args, code, sentence) => {
  const answer = await importFile(args);
  expect([answer.code, answer.out]).toEqual([code, '']);
  expect(answer.err).toContain(sentence);
});
