/**
 * A program on the backend foundation: tokens that another server signed with the shared secret, pages
 * of tasks by limit and offset, the three states, and the validation errors that it shows to people.
 *
 *     node foundation.mjs <server> <token> <expired token> <subject>
 */
import assert from 'node:assert/strict';

const [server, token, expired, subject] = process.argv.slice(2);

async function api(method, path, json, bearer = token) {
  const response = await fetch(`${server}${path}`, {
    method,
    headers: {
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    body: typeof json === 'string' ? json : JSON.stringify(json),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), response };
}

async function refusedAs(method, path, json, loc, type) {
  const { status, body } = await api(method, path, json);
  assert.equal(status, 422, JSON.stringify(body));
  assert.deepEqual([body.detail[0].loc, body.detail[0].type], [loc, type]);
  assert.equal(typeof body.detail[0].msg, 'string');
}

const health = await api('GET', '/health', undefined, null);
assert.deepEqual([health.status, health.body.status], [200, 'ok']);
const root = await api('GET', '/', undefined, null);
assert.equal(root.status, 200);
assert.ok(root.body.name && root.body.version);

const me = await api('GET', '/protected');
assert.deepEqual([me.status, me.body], [200, { user_id: subject }]);
for (const [bearer, detail] of [
  [null, 'Not authenticated'],
  ['x.y.z', 'Invalid token'],
  [expired, 'Token expired'],
]) {
  const { status, body, response } = await api('GET', '/protected', undefined, bearer);
  assert.deepEqual([status, body], [401, { detail }]);
  assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
}

const made = [];
for (let i = 1; i <= 5; i++) {
  const { status, body } = await api('POST', '/api/tasks', { title: `Task ${i}` });
  assert.equal(status, 201, JSON.stringify(body));
  made.push(body);
}

const page = await api('GET', '/api/tasks?limit=2&offset=2');
assert.deepEqual(
  page.body.map((task) => task.title),
  ['Task 3', 'Task 2'],
);
assert.equal(page.response.headers.get('x-total-count'), '5');
const all = await api('GET', '/api/tasks');
assert.equal(all.body.length, 5);
assert.equal(all.response.headers.get('x-total-count'), '5');

const { id } = made[0];
const started = await api('PUT', `/api/tasks/${id}`, { status: 'in_progress' });
assert.deepEqual(
  [started.status, started.body.title, started.body.status],
  [200, 'Task 1', 'in_progress'],
);
const done = await api('PUT', `/api/tasks/${id}`, { status: 'completed', description: 'at last' });
assert.deepEqual([done.body.completed, done.body.description], [true, 'at last']);
assert.ok(done.body.completed_at);
for (const [query, count] of [
  ['status=completed', 1],
  ['status=pending', 4],
  ['completed=true', 1],
  ['completed=false', 4],
]) {
  const { body, response } = await api('GET', `/api/tasks?${query}`);
  assert.equal(body.length, count, query);
  assert.equal(response.headers.get('x-total-count'), String(count));
}

await refusedAs('POST', '/api/tasks', {}, ['body', 'title'], 'missing');
await refusedAs('POST', '/api/tasks', { title: 5 }, ['body', 'title'], 'string_type');
await refusedAs(
  'POST',
  '/api/tasks',
  { title: 'x'.repeat(201) },
  ['body', 'title'],
  'string_too_long',
);
await refusedAs('PUT', `/api/tasks/${id}`, { status: 'later' }, ['body', 'status'], 'enum');
await refusedAs('GET', '/api/tasks?limit=0', undefined, ['query', 'limit'], 'greater_than_equal');
await refusedAs('GET', '/api/tasks?limit=1001', undefined, ['query', 'limit'], 'less_than_equal');
const malformed = await api('POST', '/api/tasks', '{"title": ');
assert.deepEqual([malformed.status, malformed.body.detail[0].type], [422, 'json_invalid']);

for (const task of made) assert.equal((await api('DELETE', `/api/tasks/${task.id}`)).status, 204);
assert.equal((await api('GET', `/api/tasks/${id}`)).status, 404);
const none = await api('GET', '/api/tasks?limit=10');
assert.deepEqual([none.body, none.response.headers.get('x-total-count')], [[], '0']);
