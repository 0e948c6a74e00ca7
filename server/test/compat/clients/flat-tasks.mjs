/**
 * The front end of the multi-user task manager: register, sign in by the login form, and work with
 * `/api/tasks` under a bearer token.
 *
 *     node flat-tasks.mjs <server> <e-mail address>
 */
import assert from 'node:assert/strict';

const [server, email] = process.argv.slice(2);
const password = 'a password of some length';
let token = null;
let cookie = null;

async function api(method, path, { json, form } = {}) {
  const response = await fetch(`${server}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(cookie && { cookie }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    body: form ? new URLSearchParams(form) : json === undefined ? undefined : JSON.stringify(json),
  });
  const text = await response.text();
  const set = response.headers.get('set-cookie');
  if (set) cookie = set.split(';', 1)[0];
  return { status: response.status, body: text === '' ? null : JSON.parse(text), response };
}

function expectStatus({ status, body }, wanted) {
  assert.equal(status, wanted, JSON.stringify(body));
  return body;
}

const account = { email, password, name: 'Flora' };
const user = expectStatus(await api('POST', '/api/auth/register', { json: account }), 201);
assert.deepEqual([user.email, user.name, user.token_type], [email, 'Flora', 'bearer']);
assert.ok(user.id && user.access_token);
assert.equal(user.password, undefined);
const taken = expectStatus(await api('POST', '/api/auth/register', { json: account }), 409);
assert.equal(typeof taken.detail, 'string');

token = null;
const wrong = { username: email, password: 'a wrong password' };
const refused = expectStatus(await api('POST', '/api/auth/login', { form: wrong }), 401);
assert.equal(typeof refused.detail, 'string');
const form = { username: email, password };
const signedIn = expectStatus(await api('POST', '/api/auth/login', { form }), 200);
assert.deepEqual([signedIn.token_type, signedIn.user.email], ['bearer', email]);
assert.ok(signedIn.expires_in > 0);
assert.ok(cookie);
token = signedIn.access_token;

assert.deepEqual(expectStatus(await api('GET', '/api/tasks'), 200), []);
const first = expectStatus(
  await api('POST', '/api/tasks', { json: { title: ' First ', description: 'of two' } }),
  201,
);
assert.deepEqual(Object.keys(first).sort(), [
  'completed',
  'completed_at',
  'created_at',
  'description',
  'id',
  'status',
  'title',
  'updated_at',
  'user_id',
]);
assert.deepEqual(
  [first.title, first.description, first.status, first.completed, first.completed_at],
  ['First', 'of two', 'pending', false, null],
);
assert.equal(first.user_id, user.id);
const second = expectStatus(
  await api('POST', '/api/tasks', { json: { title: 'Second', status: 'in_progress' } }),
  201,
);

const toggled = expectStatus(await api('PATCH', `/api/tasks/${second.id}/toggle`), 200);
assert.deepEqual([toggled.completed, toggled.status], [true, 'completed']);
assert.ok(toggled.completed_at);
const third = expectStatus(await api('POST', '/api/tasks', { json: { title: 'Third' } }), 201);
const list = expectStatus(await api('GET', '/api/tasks'), 200);
assert.deepEqual(
  list.map((task) => task.title),
  ['Third', 'First', 'Second'],
);
const back = expectStatus(await api('PATCH', `/api/tasks/${second.id}/toggle`), 200);
assert.deepEqual([back.completed, back.completed_at], [false, null]);

const patched = expectStatus(
  await api('PATCH', `/api/tasks/${first.id}`, { json: { title: 'Renamed' } }),
  200,
);
assert.deepEqual([patched.title, patched.description], ['Renamed', 'of two']);
assert.deepEqual(expectStatus(await api('GET', `/api/tasks/${first.id}`), 200), patched);

expectStatus(await api('DELETE', `/api/tasks/${third.id}`), 204);
const gone = expectStatus(await api('GET', `/api/tasks/${third.id}`), 404);
assert.equal(typeof gone.detail, 'string');

const before = cookie;
const refreshed = expectStatus(await api('POST', '/api/auth/refresh'), 200);
assert.notEqual(cookie, before);
token = refreshed.access_token;
assert.equal(expectStatus(await api('GET', '/api/tasks'), 200).length, 2);

assert.deepEqual(expectStatus(await api('POST', '/api/auth/logout'), 200), {
  detail: 'Logged out',
});
token = null;
cookie = null;
assert.deepEqual(expectStatus(await api('GET', '/api/tasks'), 401), {
  detail: 'Not authenticated',
});
