/**
 * A program that keeps one person's tasks by `/api/{user_id}/tasks`, written from its documentation.
 *
 *     node user-tasks.mjs <server> <token> <user id>
 */
import assert from 'node:assert/strict';

class TasksClient {
  constructor(server, token, userId) {
    this.base = `${server}/api/${encodeURIComponent(userId)}/tasks`;
    this.headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  async request(method, path, body) {
    const isJson = body !== undefined;
    const response = await fetch(this.base + path, {
      method,
      headers: { ...this.headers, ...(isJson && { 'content-type': 'application/json' }) },
      body: isJson ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text), response };
  }

  list = () => this.request('GET', '');
  create = (task) => this.request('POST', '', task);
  get = (id) => this.request('GET', `/${id}`);
  replace = (id, task) => this.request('PUT', `/${id}`, task);
  complete = (id, completed) => this.request('PATCH', `/${id}/complete`, { completed });
  remove = (id) => this.request('DELETE', `/${id}`);
}

const [server, token, userId] = process.argv.slice(2);
const tasks = new TasksClient(server, token, userId);
const FIELDS = ['id', 'user_id', 'title', 'description', 'completed', 'created_at', 'updated_at'];

assert.deepEqual((await tasks.list()).body, []);

const created = await tasks.create({ title: 'Write report', description: 'two pages' });
assert.equal(created.status, 201, JSON.stringify(created.body));
assert.deepEqual(Object.keys(created.body).sort(), [...FIELDS].sort());
const { id } = created.body;
assert.equal(created.body.user_id, userId);
assert.deepEqual(
  [created.body.title, created.body.description, created.body.completed],
  ['Write report', 'two pages', false],
);
assert.ok(!Number.isNaN(Date.parse(created.body.created_at)));

assert.deepEqual((await tasks.get(id)).body, created.body);
const bare = await tasks.create({ title: 'No description' });
assert.equal(bare.body.description, null);
assert.deepEqual(
  new Set((await tasks.list()).body.map((it) => it.id)),
  new Set([id, bare.body.id]),
);

const replaced = await tasks.replace(id, { title: 'Write the report', description: 'three pages' });
assert.equal(replaced.status, 200, JSON.stringify(replaced.body));
assert.deepEqual(
  [replaced.body.title, replaced.body.description],
  ['Write the report', 'three pages'],
);
assert.equal(replaced.body.created_at, created.body.created_at);

for (const completed of [true, true, false, true]) {
  const { status, body } = await tasks.complete(id, completed);
  assert.deepEqual([status, body.completed], [200, completed]);
}

for (const wrong of [{}, { title: '' }, { title: 7 }, { title: 'x'.repeat(201) }]) {
  const { status, body } = await tasks.create(wrong);
  assert.equal(status, 422, JSON.stringify(wrong));
  for (const detail of body.detail) {
    assert.deepEqual(detail.loc, ['body', 'title']);
    assert.ok(typeof detail.msg === 'string' && typeof detail.type === 'string');
  }
}

assert.equal((await tasks.remove(bare.body.id)).status, 204);
for (const gone of [bare.body.id, 1, 'nothing']) {
  const { status, body } = await tasks.get(gone);
  // A number that is none was a failed validation, or an absent task.
  assert.ok(status === 404 || (gone === 'nothing' && status === 422), `${gone}: ${status}`);
  assert.ok(body.detail);
}
assert.equal((await tasks.remove(bare.body.id)).status, 404);

const other = await new TasksClient(server, token, 'somebody-else').list();
assert.equal(other.status, 403);
assert.ok(other.body.detail);

const stranger = await new TasksClient(server, null, userId).list();
assert.deepEqual([stranger.status, stranger.body], [401, { detail: 'Not authenticated' }]);
assert.ok(stranger.response.headers.get('www-authenticate'));
const forged = await new TasksClient(server, 'no.real.token', userId).list();
assert.deepEqual([forged.status, forged.body], [401, { detail: 'Invalid token' }]);
