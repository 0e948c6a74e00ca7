import { expect, test } from 'vitest';
import { TEST_PASSWORD, TEST_PASSWORD_HASH } from './harness/accounts.ts';
import { type TestUser, useTestApp } from './harness/app.ts';

const t = useTestApp();
const LAPTOP = {
  remoteAddress: '192.0.2.10',
  headers: {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  },
};
const STRANGER = { remoteAddress: '198.51.100.66', headers: { 'user-agent': 'curl/8.0' } };
const OFFICE = { remoteAddress: '203.0.113.1', headers: { 'user-agent': 'Office' } };

async function signInAt(place: typeof LAPTOP, email: string, password: string) {
  return t.call('POST', '/api/v1/login', { ...place, body: { email, password } });
}

test('a person sees what concerns them: their own acts, attempts, and what administrators did', async () => {
  const ada = await t.addAccount({ name: 'ada', passwordHash: TEST_PASSWORD_HASH });
  const grace = await t.signIn('grace', ['user', 'admin']);
  await t.owner.query("UPDATE users SET name = 'Grace' WHERE id = $1", [grace.id]);
  const byGrace = (method: string, path: string, body?: object) =>
    t.call(method, `/api/v1/admin/users/${ada.id}${path}`, {
      ...OFFICE,
      as: grace,
      ...(body && { body }),
    });

  expect((await signInAt(STRANGER, ada.email, 'a guess')).statusCode).toBe(401);
  expect((await signInAt(LAPTOP, ada.email, TEST_PASSWORD)).statusCode).toBe(200);
  expect((await byGrace('GET', '')).statusCode).toBe(200);
  expect((await byGrace('PATCH', '', { status: 'disabled' })).statusCode).toBe(200);
  expect((await byGrace('PATCH', '', { status: 'active' })).statusCode).toBe(200);
  expect((await byGrace('DELETE', '/sessions')).statusCode).toBe(204);
  const audit = `/api/v1/admin/audit?target=${ada.id}`;
  expect((await t.call('GET', audit, { ...OFFICE, as: grace })).statusCode).toBe(200);

  const again = await signInAt(LAPTOP, ada.email, TEST_PASSWORD);
  const me = { ...ada, accessToken: again.json().access_token, sessionId: '' } as TestUser;
  const activity = await t.call('GET', '/api/v1/users/me/activity', { as: me });
  const you = ['you', '192.0.2.10', 'Firefox on Linux'];
  const administrator = ['administrator', null, null];
  type Item = {
    action: string;
    by: { kind: string; name?: string };
    address: string | null;
    device: string | null;
  };
  const items: Item[] = activity.json().items;
  const shown = items.map(({ action, by, address, device }) => [action, by.kind, address, device]);
  expect(shown.map(([action, ...rest]) => [action, rest])).toEqual(
    [
      ['session.refused', ['anonymous', '198.51.100.66', 'curl']],
      ['session.started', you],
      ['user.viewed', administrator],
      ['user.disabled', administrator],
      ['user.enabled', administrator],
      ['session.ended', administrator],
      ['audit.viewed', administrator],
      ['session.started', you],
    ].reverse(),
  );
  const names = items.filter(({ by }) => by.kind === 'administrator').map(({ by }) => by.name);
  expect(new Set(names)).toEqual(new Set(['Grace']));
  for (const secret of [grace.id, grace.email, OFFICE.remoteAddress]) {
    expect(activity.body).not.toContain(secret);
  }
  // Nobody else sees any of it.
  const bob = await t.signIn('bob');
  const others = await t.call('GET', '/api/v1/users/me/activity', { as: bob });
  expect(others.json()).toEqual({ items: [], next_cursor: null });
});
