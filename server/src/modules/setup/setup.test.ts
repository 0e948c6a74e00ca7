import { beforeEach, expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { useTestApp } from '../../../test/harness/app.ts';
import { outcomeOf } from '../../../test/harness/mails.ts';
import { mintSetupLink } from './setup.service.ts';

const t = useTestApp();

beforeEach(async () => {
  await t.owner.query('DELETE FROM users');
  await t.owner.query('DELETE FROM setup_tokens');
});

async function tokenOf(link: Promise<string | null>): Promise<string> {
  return /^http:\/\/localhost:3000\/setup#([\w-]{43})$/.exec((await link) ?? '')?.[1] ?? '';
}

function setUp(token: string, email = 'root@example.org', password = TEST_PASSWORD) {
  return t.call('POST', '/api/v1/setup', { body: { token, email, password, name: 'Root' } });
}

test('the printed link makes an active, verified administrator; afterwards every link is dead', async () => {
  const [first, second] = [
    await tokenOf(mintSetupLink(t.ctx)),
    await tokenOf(mintSetupLink(t.ctx)),
  ];
  const answer = await setUp(first);
  expect(answer.statusCode).toBe(201);
  const { user } = answer.json();
  expect(user).toMatchObject({ email: 'root@example.org', name: 'Root', status: 'active' });
  expect(user.email_verified_at).not.toBeNull();
  const body = { email: 'root@example.org', password: TEST_PASSWORD };
  const { access_token: accessToken } = (await t.call('POST', '/api/v1/login', { body })).json();
  const as = { id: user.id, email: user.email, sessionId: '', accessToken };
  const { roles } = (await t.call('GET', '/api/v1/users/me', { as })).json();
  expect(roles).toEqual(['admin', 'user']);
  for (const token of [first, second]) {
    expect(outcomeOf(await setUp(token, 'again@example.org'))).toBe('410 token.expired_or_unknown');
  }
  expect(await mintSetupLink(t.ctx)).toBeNull();
  const { rows } = await t.owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY position LIMIT 2',
    [user.id],
  );
  expect(rows.map((row) => row.action)).toEqual(['user.set_up', 'role.assigned']);
});

test('a made-up token and a common password make nobody, and the link stays good', async () => {
  const token = await tokenOf(mintSetupLink(t.ctx));
  expect(outcomeOf(await setUp('x'.repeat(43)))).toMatch(/^410/);
  expect((await setUp(token, 'root@example.org', 'password')).statusCode).toBe(400);
  const { email } = await t.addAccount();
  expect(outcomeOf(await setUp(token, email))).toBe('409 user.email_taken');
  expect((await setUp(token)).statusCode).toBe(201);
});

test('a link that was not used is dead once there is an administrator by other means', async () => {
  const token = await tokenOf(mintSetupLink(t.ctx));
  await t.addAccount({ roles: ['admin'] });
  expect(outcomeOf(await setUp(token))).toMatch(/^410/);
});

test('eight uses of two links at once make one administrator', async () => {
  const tokens = [await tokenOf(mintSetupLink(t.ctx)), await tokenOf(mintSetupLink(t.ctx))];
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => setUp(tokens[i % 2] ?? '', `root${i}@example.org`)),
  );
  const outcomes = answers.map(outcomeOf);
  expect(outcomes.filter((it) => it === '201')).toHaveLength(1);
  expect(outcomes.filter((it) => it === '410 token.expired_or_unknown')).toHaveLength(7);
  const { rows } = await t.owner.query('SELECT count(*)::int FROM users');
  expect(rows).toEqual([{ count: 1 }]);
});
