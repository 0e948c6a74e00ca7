import bcrypt from 'bcrypt';
import { afterEach, expect, test, vi } from 'vitest';
import { TEST_PASSWORD, TEST_PASSWORD_HASH } from '../../../test/harness/accounts.ts';
import { useTestApp } from '../../../test/harness/app.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { AppError } from '../../errors.ts';
import { readUserLine } from './import-users.schema.ts';
import { importUsers } from './import-users.ts';

const t = useTestApp();

afterEach(() => vi.restoreAllMocks());

const PASSWORD = 'pässword of an old system';
const ARGON2ID =
  '$argon2id$v=19$m=8192,t=3,p=4$c2FsdHNhbHRzYWx0MTIzNA$DgLp7dcMQLzXbBp1hcVlrcWdTtS7nD+plDX2RgnkFvo';
const SCHEMES = [
  ['bcrypt of another letter', '$2y$06$abcdefghijklmnopqrstuuDee9vIprSgPk0CH03vWt7SlDPSgbzRW'],
  ['bcrypt of less cost', '$2b$05$abcdefghijklmnopqrstuu2euyxzXkCtMSpVNwcWQPo8VVXISkvR.'],
  ['argon2id', ARGON2ID],
  [
    'scrypt',
    '$scrypt$ln=14,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$BHiYmgvnY9+sYsg6L/LJKTYUPlgOmXtoRtlwAR/pwZc',
  ],
  ['PBKDF2', 'pbkdf2_sha256$260000$abcdefgh1234$s8MDCoaenAEf7BgnmCFoZxToBetQcTdVQBgGKhnqHEs='],
] as const;

async function login(email: string, password: string): Promise<number> {
  return (await t.call('POST', '/api/v1/login', { body: { email, password } })).statusCode;
}

async function hashOf(id: string): Promise<string> {
  const { rows } = await t.owner.query('SELECT password_hash FROM users WHERE id = $1', [id]);
  return rows[0].password_hash;
}

async function upgradesOf(id: string): Promise<number> {
  const { rows } = await t.owner.query(
    `SELECT count(*)::int FROM audit_events WHERE action = 'password.upgraded' AND user_id = $1`,
    [id],
  );
  return rows[0].count;
}

test.each(SCHEMES)('POST /login › %s signs in, and becomes a hash of our own', async (_, hash) => {
  const { id, email } = await t.addAccount({ passwordHash: hash });
  expect(await login(email, `${PASSWORD}!`)).toBe(401);
  expect(await hashOf(id)).toBe(hash);
  expect(await login(email, PASSWORD)).toBe(200);
  const renewed = await hashOf(id);
  expect(renewed).toMatch(/^\$2b\$12\$/);
  expect(await bcrypt.compare(PASSWORD, renewed)).toBe(true);
  expect(await login(email, PASSWORD)).toBe(200);
  expect(await hashOf(id)).toBe(renewed);
  expect(await upgradesOf(id)).toBe(1);
  const { rows } = await t.owner.query(
    'SELECT auth_version, updated_at = created_at AS is_unchanged FROM users WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([{ auth_version: 1, is_unchanged: true }]);
});

test('POST /login › somebody imported signs in with the password of the old system', async () => {
  const line = Buffer.from(
    JSON.stringify({ email: 'ada@old.example', password_hash: ARGON2ID, email_verified: true }),
  );
  const lines = (async function* () {
    yield { line: 1, ...readUserLine(line) };
  })();
  const told = importUsers(t.ctx, OPERATOR, lines, { mayGrantRoles: false });
  expect((await told.next()).value).toEqual({ line: 1, outcome: 'created' });
  expect(await login('Ada@old.example', `${PASSWORD}!`)).toBe(401);
  expect(await login('Ada@old.example', PASSWORD)).toBe(200);
});

test('POST /login › a password of more than 72 bytes signs in by the other scheme, whose hash stays', async () => {
  const long = 'a long password, '.repeat(6);
  const hash =
    '$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$B9SmWKmHoexWUsd/weJEKSPaItgf/tf6D2.kapGonWo';
  const { id, email } = await t.addAccount({ passwordHash: hash });
  expect(await login(email, long)).toBe(200);
  expect(await login(email, long.slice(0, 72))).toBe(401);
  expect(await login(email, `${long}x`)).toBe(401);
  expect(await hashOf(id)).toBe(hash);
});

test.each([
  ['that costs too much', `$2b$15$${'a'.repeat(53)}`],
  ['of no known scheme', '5f4dcc3b5aa765d61d8327deb882cf99'],
])('POST /login › a hash %s is not compared with; a dummy is', async (_, passwordHash) => {
  const { id, email } = await t.addAccount({ passwordHash });
  const compare = vi.spyOn(bcrypt, 'compare');
  expect(await login(email, PASSWORD)).toBe(401);
  expect(compare).toHaveBeenCalledTimes(1);
  expect(compare.mock.calls[0]?.[1]).toMatch(/^\$2b\$12\$/);
  expect(await hashOf(id)).toBe(passwordHash);
});

test('POST /login › a disabled account costs one comparison and no hash, its own stays', async () => {
  const hash = '$2b$05$abcdefghijklmnopqrstuu2euyxzXkCtMSpVNwcWQPo8VVXISkvR.';
  const { id, email } = await t.addAccount({ passwordHash: hash, status: 'disabled' });
  const [compare, make] = [vi.spyOn(bcrypt, 'compare'), vi.spyOn(bcrypt, 'hash')];
  expect(await login(email, PASSWORD)).toBe(401);
  expect([compare.mock.calls.length, make.mock.calls.length]).toEqual([1, 0]);
  expect(await hashOf(id)).toBe(hash);
});

test('POST /login › a password changed meanwhile is not overwritten, and the old one does not sign in', async () => {
  const { id, email } = await t.addAccount({ passwordHash: ARGON2ID });
  const hash = bcrypt.hash.bind(bcrypt);
  vi.spyOn(bcrypt, 'hash').mockImplementationOnce(async (password, cost) => {
    await t.owner.query('UPDATE users SET password_hash = $2 WHERE id = $1', [
      id,
      TEST_PASSWORD_HASH,
    ]);
    return hash(password as string, cost as number);
  });
  expect(await login(email, PASSWORD)).toBe(401);
  expect(await hashOf(id)).toBe(TEST_PASSWORD_HASH);
  expect(await login(email, TEST_PASSWORD)).toBe(200);
  expect(await upgradesOf(id)).toBe(0);
});

test('POST /login › two at once both sign in; the hash is made anew once', async () => {
  const { id, email } = await t.addAccount({ passwordHash: ARGON2ID });
  expect(await Promise.all([login(email, PASSWORD), login(email, PASSWORD)])).toEqual([200, 200]);
  expect(await upgradesOf(id)).toBe(1);
});

test('POST /login › where too many wait already, the sign-in succeeds and the hash stays', async () => {
  const { id, email } = await t.addAccount({ passwordHash: ARGON2ID });
  vi.spyOn(t.ctx.passwords, 'hash').mockRejectedValueOnce(new AppError('server.overloaded'));
  expect(await login(email, PASSWORD)).toBe(200);
  expect(await hashOf(id)).toBe(ARGON2ID);
});
