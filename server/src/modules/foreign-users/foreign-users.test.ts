import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer } from '../../../test/harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../../../test/harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts';
import { startMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';

const WITHIN_MS = 1000;
const BETTER_AUTH_SECRET = 'q8Zr3Lw6Tn0Vb5Xk2Hs9Yd4Gf7Jc1MpE';
let database: TestDatabase;
let one: TestApp;
let two: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startTestApp({ BETTER_AUTH_SECRET }, { database });
  two = await startTestApp({ BETTER_AUTH_SECRET }, { database });
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await database?.drop();
});

function tokenOf(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(BETTER_AUTH_SECRET));
}

async function call(app: TestApp, claims: Record<string, unknown>, path = '/api/tasks') {
  return app.call('GET', path, { headers: bearer(await tokenOf(claims)) });
}

async function userOf(subject: string, issuer = 'foreign:') {
  const { rows } = await one.owner.query(
    `SELECT users.*, provider, p.email AS provider_email, p.last_used_at,
       array(SELECT role_name FROM user_roles WHERE user_id = users.id) AS roles
     FROM user_auth_providers p JOIN users ON users.id = p.user_id
     WHERE subject = $1 AND issuer = $2`,
    [subject, issuer],
  );
  return rows[0];
}

test('our own tokens go on as before, and no foreign one passes for them', async () => {
  const ada = await one.signIn();
  expect((await one.call('GET', '/api/tasks', { as: ada })).statusCode).toBe(200);
  const disguised = await new SignJWT({ sub: 'disguised' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(one.ctx.publicUrl)
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(BETTER_AUTH_SECRET));
  const headers = bearer(disguised);
  expect((await one.call('GET', '/api/tasks', { headers })).statusCode).toBe(401);
});

test('somebody unknown becomes a user without password and address, once', async () => {
  expect((await call(one, { sub: 'ada', email: 'ada@example.org', name: 'Ada' })).statusCode).toBe(
    200,
  );
  const ada = await userOf('ada');
  expect(ada).toMatchObject({
    email: null,
    email_canonical: null,
    email_verified_at: null,
    password_hash: null,
    name: 'Ada',
    status: 'active',
    roles: ['user'],
    provider: 'foreign',
  });
  await call(two, { sub: 'ada' });
  expect((await userOf('ada')).id).toBe(ada.id);
  const { rows } = await one.owner.query(
    `SELECT action, actor_kind, actor_id, changes FROM audit_events WHERE user_id = $1`,
    [ada.id],
  );
  expect(rows).toEqual([
    {
      action: 'user.provisioned',
      actor_kind: 'foreign',
      actor_id: ada.id,
      changes: { provider: 'foreign', has_email: false },
    },
  ]);
});

test('many first requests at once, on two servers, make one user', async () => {
  const claims = { sub: 'many', email: 'many@example.org', email_verified: true };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => call(i % 2 ? one : two, claims)),
  );
  expect(answers.map((answer) => answer.statusCode)).toEqual(Array(20).fill(200));
  const { rows } = await one.owner.query(
    "SELECT count(*)::int AS n FROM users WHERE email = 'many@example.org'",
  );
  expect(rows[0].n).toBe(1);
  expect((await userOf('many')).email).toBe('many@example.org');
});

test.each([
  ['email_verified', { email_verified: true }, true],
  ['emailVerified', { emailVerified: true }, true],
  ['nothing', {}, false],
  ['a text', { email_verified: 'true' }, false],
  ['a number', { email_verified: 1 }, false],
  ['no', { email_verified: false, emailVerified: false }, false],
])('an address counts where the token proves it: %s', async (name, claims, isProven) => {
  const email = `${name.replace(' ', '-')}@example.org`.toLowerCase();
  await call(one, { sub: name, email, ...claims });
  const user = await userOf(name);
  expect([user.email, user.email_verified_at !== null]).toEqual([
    isProven ? email : null,
    isProven,
  ]);
});

test.each([
  'a@x.example,b@y.example',
  'a@x.example\r\nBcc: b@y.example',
  '"a b"@x.example',
  'x',
  5,
])('what is no address is none, whatever is said of it: %s', async (email) => {
  const answer = await call(one, { sub: `crafted ${email}`, email, email_verified: true });
  expect(answer.statusCode).toBe(200);
  expect((await userOf(`crafted ${email}`)).email).toBeNull();
});

test('an account with the same address is not touched, nor is its name', async () => {
  const eve = await one.addAccount({ name: 'eve' });
  const email = eve.email.toUpperCase();
  expect((await call(one, { sub: 'eve', email, email_verified: true })).json()).toEqual([]);
  const foreign = await userOf('eve');
  expect([foreign.id === eve.id, foreign.email, foreign.provider_email]).toEqual([
    false,
    null,
    email,
  ]);
});

test('the same name of two issuers is two people, and no issuer is that of a provider', async () => {
  await call(one, { sub: 'same', iss: 'https://a.example' });
  await call(one, { sub: 'same', iss: 'https://b.example' });
  const a = await userOf('same', 'foreign:https://a.example');
  const b = await userOf('same', 'foreign:https://b.example');
  expect(a.id).not.toBe(b.id);
  const bob = await one.addAccount();
  await one.owner.query(
    `INSERT INTO user_auth_providers (user_id, id, provider, issuer, subject)
     VALUES ($1, gen_random_uuid(), 'google', 'https://accounts.google.com', '1')`,
    [bob.id],
  );
  await call(one, { sub: '1', iss: 'https://accounts.google.com' });
  expect((await userOf('1', 'foreign:https://accounts.google.com')).id).not.toBe(bob.id);
});

test('with FOREIGN_PROVISIONING=off only those come in who have an account', async () => {
  const closed = await startTestApp(
    { BETTER_AUTH_SECRET, FOREIGN_PROVISIONING: 'off' },
    { database },
  );
  await call(one, { sub: 'known' });
  expect((await call(closed, { sub: 'known' })).statusCode).toBe(200);
  expect((await call(closed, { sub: 'unknown' })).statusCode).toBe(401);
  expect(await userOf('unknown')).toBeUndefined();
  await closed.close();
});

test.each([
  ['disabled', { status: 'disabled' }],
  ['deleted', null],
])(
  'who is %s is out on every server within a second, and is not made anew',
  async (name, change) => {
    const root = await one.signIn('root', ['user', 'admin']);
    for (const app of [one, two]) expect((await call(app, { sub: name })).statusCode).toBe(200);
    const { id } = await userOf(name);
    const path = `/api/v1/admin/users/${id}`;
    const body = change ?? undefined;
    const method = change ? 'PATCH' : 'DELETE';
    const acted = await one.call(method, path, { as: root, ...(body && { body }) });
    expect([200, 204]).toContain(acted.statusCode);
    for (const app of [one, two]) {
      await until(async () => (await call(app, { sub: name })).statusCode === 401, WITHIN_MS);
      expect((await call(app, { sub: name })).json()).toEqual({ detail: 'Invalid token' });
    }
    expect((await userOf(name)).id).toBe(id);
  },
);

test('roles come from here: who loses one can do no more within a second; what is for administrators never counts', async () => {
  for (const app of [one, two]) expect((await call(app, { sub: 'roles' })).statusCode).toBe(200);
  const { id } = await userOf('roles');
  const root = await one.signIn('root', ['user', 'admin']);
  const setRoles = (roles: string[]) =>
    one.call('PATCH', `/api/v1/admin/users/${id}`, { as: root, body: { roles } });
  expect((await setRoles([])).statusCode).toBe(200);
  for (const app of [one, two]) {
    await until(async () => (await call(app, { sub: 'roles' })).statusCode === 403, WITHIN_MS);
  }
  expect((await setRoles(['admin'])).statusCode).toBe(200);
  const find = () =>
    one.ctx.foreignUserStates.find(
      { issuer: null, subject: 'roles', email: null, name: null, expiresAtSeconds: 0 },
      true,
    );
  expect([...((await find())?.permissions ?? [])].sort()).toEqual([
    'account:read',
    'tasks:read',
    'tasks:write',
  ]);
});

test('people without an address are listed, found and changed like others, and no mail is tried', async () => {
  const root = await one.signIn('root', ['user', 'admin']);
  await call(one, { sub: 'nameless' });
  await call(one, { sub: 'findable', name: 'Somebody Findable' });
  const { id } = await userOf('findable');
  const list = async (query: string) =>
    (await one.call('GET', `/api/v1/admin/users?${query}`, { as: root })).json();
  expect((await list('q=findable')).items.map((it: { id: string }) => it.id)).toEqual([id]);
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await list(`sort=email&limit=2${cursor}`);
    ids.push(...page.items.map((it: { id: string }) => it.id));
    if (page.next_cursor === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  expect(ids).toHaveLength((await list('limit=1')).total);
  const path = `/api/v1/admin/users/${id}`;
  const change = (body: object) => one.call('PATCH', path, { as: root, body });
  expect((await change({ status: 'disabled' })).statusCode).toBe(200);
  expect((await change({ status: 'active' })).json()).toMatchObject({
    status: 'active',
    email: null,
  });
  const reset = await one.call('POST', `${path}/password-reset`, { as: root });
  expect([reset.statusCode, reset.json().code]).toEqual([409, 'user.email_missing']);
  const email = 'findable@example.org';
  expect((await change({ email })).json()).toMatchObject({ status: 'unverified', email });
});

test('whatever happens to somebody without an address, their mails are done with at once', async () => {
  const mailed = await startMailedApp({ BETTER_AUTH_SECRET });
  const root = await mailed.signIn('root', ['user', 'admin']);
  await call(mailed, { sub: 'silent' });
  const { items } = (
    await mailed.call('GET', '/api/v1/admin/users?sort=email&limit=1', { as: root })
  ).json();
  const path = `/api/v1/admin/users/${items[0].id}`;
  const acts = [
    await mailed.call('PATCH', path, { as: root, body: { status: 'disabled' } }),
    await mailed.call('DELETE', path, { as: root }),
    await mailed.call('POST', `${path}/restore`, { as: root }),
  ];
  expect(acts.map((act) => act.statusCode)).toEqual([200, 204, 200]);
  expect(await mailed.deliver()).toEqual([]);
  await mailed.close();
});
