/**
 * The front end of the todo application, as its page talked to its server: fetch with the session's
 * cookie, and the origin of the page that the browser adds.
 *
 *     node todos.mjs <server> <cookie>
 */
import assert from 'node:assert/strict';

const [server, cookie] = process.argv.slice(2);
const browser = { cookie, origin: server, 'sec-fetch-site': 'same-origin' };

const getTodos = () => fetch(`${server}/api/todos`, { headers: browser });
const send = (method, path, body) =>
  fetch(`${server}${path}`, {
    method,
    headers: { ...browser, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const addTodo = (text) => send('POST', '/api/todos', { text });
const updateTodo = (id, changes) => send('PUT', `/api/todos/${id}`, changes);
const deleteTodo = (id) =>
  fetch(`${server}/api/todos/${id}`, { method: 'DELETE', headers: browser });

async function answers(response, status, body) {
  const read = await response.json();
  assert.equal(response.status, status, JSON.stringify(read));
  if (body !== undefined) assert.deepEqual(read, body);
  return read;
}

await answers(await getTodos(), 200, []);

const milk = await answers(await addTodo('Buy milk'), 201);
assert.deepEqual(milk, { id: milk.id, text: 'Buy milk', completed: false });
const call = await answers(await addTodo('  call <b>Mum</b> ☎️ '), 201);
assert.equal(call.text, '  call <b>Mum</b> ☎️ ');
await answers(await getTodos(), 200, [call, milk]);

await answers(await updateTodo(milk.id, { completed: true }), 200, { ...milk, completed: true });
await answers(await updateTodo(milk.id, { text: 'Buy oat milk' }), 200, {
  id: milk.id,
  text: 'Buy oat milk',
  completed: true,
});
await answers(await updateTodo(milk.id, { text: 'Buy milk', completed: false }), 200, milk);

const long = 'x'.repeat(2000);
const written = await answers(await addTodo(long), 201);
assert.equal(written.text, long);
await answers(await deleteTodo(written.id), 200, written);

const textRequired = { error: 'Todo text is required' };
await answers(await addTodo(''), 400, textRequired);
await answers(await addTodo('   '), 400, textRequired);
await answers(await send('POST', '/api/todos', {}), 400, textRequired);
await answers(await send('POST', '/api/todos', []), 400, textRequired);
// The old server ignored what it did not know.
const tagged = await answers(await send('POST', '/api/todos', { text: 'tagged', tag: 'x' }), 201);
assert.deepEqual(Object.keys(tagged), ['id', 'text', 'completed']);

await answers(await deleteTodo(tagged.id), 200, tagged);
const notFound = { error: 'Todo not found' };
await answers(await deleteTodo(tagged.id), 404, notFound);
await answers(await updateTodo(tagged.id, { completed: true }), 404, notFound);
await answers(await updateTodo('nothing', { completed: true }), 404, notFound);

await answers(await fetch(`${server}/api/todos`), 401, { error: 'Authentication required' });
const elsewhere = { headers: { cookie, origin: 'https://evil.example' } };
assert.notEqual((await fetch(`${server}/api/todos`, elsewhere)).status, 200);

for (const path of ['/login/google', '/login/github', '/logout']) {
  const { status, headers } = await fetch(`${server}${path}`, { redirect: 'manual' });
  assert.ok(status >= 300 && status < 400, `${path} answers ${status}`);
  assert.ok(headers.get('location'));
}

// The session is the one that the page began with: nothing above has renewed its cookie.
const last = await getTodos();
assert.equal(last.headers.get('set-cookie'), null);
await answers(last, 200, [call, milk]);
