import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TEST_SECRET_KEY, type TestUser, useTestApp } from '../../test/harness/app.ts';
import { databaseUrl, runDocket } from '../../test/harness/docket.ts';
import { until } from '../../test/harness/until.ts';

const t = useTestApp();
const dataDir = mkdtempSync(join(tmpdir(), 'docket-user-command-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

/** Calls the command line against the database of the running server. */
function docket(...args: string[]) {
  return runDocket(args, {
    DATABASE_URL: databaseUrl(t.database.serving),
    SECRET_KEY: TEST_SECRET_KEY,
    DATA_DIR: dataDir,
    PUBLIC_URL: 'http://localhost:3000',
  });
}

const status = async (user: TestUser) =>
  (await t.call('GET', '/api/v1/users/me', { as: user })).statusCode;

async function lastAction(user: TestUser) {
  const { rows } = await t.owner.query(
    'SELECT action, actor_kind FROM audit_events WHERE user_id = $1 ORDER BY position DESC LIMIT 1',
    [user.id],
  );
  return rows[0];
}

describe('docket user', () => {
  test('disable, enable, delete and restore reach a running server within a second', async () => {
    const ada = await t.signIn('ada');
    expect(await status(ada)).toBe(200);
    expect(await docket('user', 'disable', ada.email.toUpperCase())).toMatchObject({
      code: 0,
      out: expect.stringContaining('is disabled'),
    });
    await until(async () => (await status(ada)) === 401, 1000);
    expect(await lastAction(ada)).toEqual({ action: 'user.disabled', actor_kind: 'operator' });
    expect((await docket('user', 'enable', ada.id)).code).toBe(0);
    expect((await docket('user', 'delete', ada.email)).out).toContain(`user restore ${ada.id}`);
    expect(await lastAction(ada)).toEqual({ action: 'user.deleted', actor_kind: 'operator' });
    expect(await docket('user', 'disable', ada.email)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is deleted'),
    });
    expect((await docket('user', 'restore', ada.email)).out).toContain('is restored');
    expect(await docket('user', 'restore', ada.email)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not deleted'),
    });
  }, 60_000);

  test('end-sessions signs out everywhere', async () => {
    const bob = await t.signIn('bob');
    expect(await status(bob)).toBe(200);
    expect((await docket('user', 'end-sessions', bob.email)).code).toBe(0);
    await until(async () => (await status(bob)) === 401, 1000);
    expect(await lastAction(bob)).toEqual({ action: 'session.ended', actor_kind: 'operator' });
  });

  test('roles shows, gives and takes; what it gives counts at once', async () => {
    const eve = await t.signIn('eve');
    const other = await t.signIn('other', ['user', 'admin']);
    expect((await docket('user', 'roles', eve.email)).out).toBe(`${eve.email}: user\n`);
    const given = await docket('user', 'roles', eve.email, '--add', 'admin');
    expect(given).toMatchObject({ code: 0, out: `${eve.email}: admin, user\n` });
    // The old token does not say so: refresh and go on.
    await until(async () => (await status(eve)) === 401, 1000);
    const taken = await docket('user', 'roles', eve.email, '--remove', 'admin');
    expect(taken.out).toBe(`${eve.email}: user\n`);
    expect(await docket('user', 'roles', eve.email, '--add', 'nothing')).toMatchObject({
      code: 1,
      err: '\nThere is no role "nothing".\n',
    });
    expect(await docket('user', 'roles', other.email, '--remove', 'admin')).toMatchObject({
      code: 1,
      err: '\nThis is the last active administrator.\n',
    });
    const both = ['--add', 'admin', '--remove', 'admin'];
    expect((await docket('user', 'roles', eve.email, ...both)).code).toBe(2);
  }, 60_000);

  test('reset-password enqueues a mail, or prints a link that works once', async () => {
    const gil = await t.signIn('gil');
    expect((await docket('user', 'reset-password', gil.email)).out).toContain('A link goes to');
    const { rows } = await t.owner.query(
      "SELECT data->>'user_id' AS user_id FROM jobs.job WHERE name = 'mail.reset_password'",
    );
    expect(rows).toEqual([{ user_id: gil.id }]);
    const { out } = await docket('user', 'reset-password', gil.id, '--print');
    expect(out).toMatch(/^http:\/\/localhost:3000\/reset-password#[\w-]{43}\n$/);
    const token = out.trim().split('#')[1];
    const body = { token, password: 'a quite different passphrase' };
    const reset = () => t.call('POST', '/api/v1/password/reset', { body });
    expect((await reset()).statusCode).toBe(204);
    expect((await reset()).statusCode).toBe(410);
    const { rows: stored } = await t.owner.query(
      'SELECT position FROM audit_events e WHERE e::text LIKE $1',
      [`%${token}%`],
    );
    expect(stored).toEqual([]);
  }, 60_000);

  test('reset-password says where there is no address, mailed or printed', async () => {
    const hal = await t.signIn('hal');
    await t.owner.query('UPDATE users SET email = NULL, email_canonical = NULL WHERE id = $1', [
      hal.id,
    ]);
    for (const options of [[], ['--print']]) {
      expect(await docket('user', 'reset-password', hal.id, ...options)).toMatchObject({
        code: 1,
        out: '',
        err: '\nThe account has no e-mail address.\n',
      });
    }
  }, 60_000);

  test('list and show, for people and for programs', async () => {
    const ivy = await t.signIn('ivy');
    await t.owner.query("UPDATE users SET status = 'unverified' WHERE id = $1", [ivy.id]);
    const people = await docket('user', 'list', '--status', 'unverified', '--query', 'IVY');
    expect(people.out).toBe(`${ivy.id}  ${ivy.email.padEnd(32)}  unverified  user\n1 user\n`);
    const json = await docket('user', 'list', '--role', 'user', '--query', 'ivy', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ id: ivy.id, email: ivy.email, roles: ['user'] });
    expect((await docket('user', 'show', ivy.email)).out).toMatch(/^status +unverified$/m);
    expect(await lastAction(ivy)).toEqual({ action: 'user.viewed', actor_kind: 'operator' });
    const shown = JSON.parse((await docket('user', 'show', ivy.id, '--json')).out);
    expect(shown).toMatchObject({ id: ivy.id, sessions: 1 });
    expect(JSON.stringify(shown)).not.toMatch(/hash|\$2b\$/);
  }, 60_000);

  test.each([
    ['user'],
    ['user', 'forget'],
    ['user', 'constructor'],
    ['user', 'show'],
    ['user', 'show', 'a@example.org', 'b@example.org'],
    ['user', 'show', 'a@example.org', '--yes'],
    ['user', 'list', '--status', 'asleep'],
    ['user', 'list', '--deleted', '--role', 'user'],
  ])('%s %s %s %s: 2 and how it is called', async (...args) => {
    const { code, out, err } = await docket(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('docket user');
    expect(err).not.toMatch(/ at .*\.ts/);
  });

  test('help names every command; a user who is not there is 1 and one sentence', async () => {
    const help = await docket('user', '--help');
    expect(help.code).toBe(0);
    for (const name of ['list', 'show', 'disable', 'enable', 'delete', 'restore', 'import']) {
      expect(help.out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    }
    expect((await docket('user', 'roles', '--help')).out).toContain('--add ROLE');
    expect(await docket('user', 'show', 'nobody@example.org')).toEqual({
      code: 1,
      out: '',
      err: '\nThere is no user with the address or id "nobody@example.org".\n',
    });
  });
});
