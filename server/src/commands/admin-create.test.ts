import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../test/harness/accounts.ts';
import { useTestApp } from '../../test/harness/app.ts';
import { createAdmin, ensureAdministrator } from './admin-create.ts';

const t = useTestApp({ REQUIRE_VERIFIED_EMAIL: 'on', REGISTRATION: 'closed' });
const folder = mkdtempSync(join(tmpdir(), 'docket-admin-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function rolesOf(email: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    `SELECT role_name FROM user_roles JOIN users ON users.id = user_id
     WHERE email = $1 ORDER BY role_name`,
    [email],
  );
  return rows.map((row) => row.role_name);
}

test('makes an administrator who can sign in at once, with the password of a file', async () => {
  const file = join(folder, 'password');
  writeFileSync(file, `${TEST_PASSWORD}\n`);
  const email = 'root@example.org';
  const options = { email: ` ${email} `, name: 'Root', 'password-file': file };
  expect(await ensureAdministrator(t.ctx, options)).toBe(`Made the administrator ${email}.`);
  const body = { email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
  expect(await rolesOf(email)).toEqual(['admin', 'user']);
  const { rows } = await t.owner.query(
    "SELECT actor_kind FROM audit_events WHERE action = 'user.set_up'",
  );
  expect(rows).toEqual([{ actor_kind: 'operator' }]);
});

test('somebody with an account becomes one, keeps the password, and is told so; again changes nothing', async () => {
  const { email } = await t.addAccount();
  const options = { email, password: 'another fine password' };
  expect(await ensureAdministrator(t.ctx, options)).toMatch(/an administrator now; the password/);
  const body = { email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
  expect(await ensureAdministrator(t.ctx, options)).toMatch(/is an administrator already/);
  expect(await rolesOf(email)).toEqual(['admin', 'user']);
});

test.each([
  ['unverified', /address nobody has verified/],
  ['disabled', /disabled account/],
] as const)('an account that is %s becomes none', async (status, reason) => {
  const { email } = await t.addAccount({ status });
  await expect(ensureAdministrator(t.ctx, { email, password: TEST_PASSWORD })).rejects.toThrow(
    reason,
  );
  expect(await rolesOf(email)).toEqual(['user']);
});

test.each([
  [{ password: TEST_PASSWORD }, /--email needs an address/],
  [{ email: 'a@b@c', password: TEST_PASSWORD }, /--email needs an address/],
  [{ email: 'x@example.org', password: 'Password1' }, /one of the most common passwords/],
  [{ email: 'x@example.org', password: 'short' }, /at least 8 characters/],
  [{ email: 'x@example.org', password: 'x'.repeat(73) }, /at most 72 bytes/],
  [{ email: 'x@example.org', password: TEST_PASSWORD, 'password-file': 'x' }, /Give either/],
  [{ email: 'x@example.org', 'password-file': '/nowhere' }, /cannot be read \(ENOENT\)/],
  [{ email: 'x@example.org' }, /Give --password-file, or run this on a terminal/],
])('refused in a sentence: %j', async (options, reason) => {
  await expect(ensureAdministrator(t.ctx, options)).rejects.toThrow(reason);
  expect(await rolesOf('x@example.org')).toEqual([]);
});

test('an option that is not known is refused before a database is opened', async () => {
  await expect(createAdmin(['--mail', 'x@example.org'])).rejects.toThrow(/--mail/);
});
