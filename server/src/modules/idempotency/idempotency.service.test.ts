import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { purgeAnswers } from './idempotency.service.ts';

const t = useTestApp();

function create(as: TestUser, key: string, body: object = { title: 'Once' }) {
  return t.call('POST', '/api/v1/tasks', { as, body, headers: { 'idempotency-key': key } });
}

async function countOf(as: TestUser): Promise<number> {
  return (await t.call('GET', '/api/v1/tasks?limit=100', { as })).json().items.length;
}

test('the same key and body give the first answer again, byte for byte, and say so', async () => {
  const ada = await t.signIn();
  const first = await create(ada, 'k');
  await t.call('PATCH', String(first.headers.location), { as: ada, body: { title: 'Changed' } });
  const again = await create(ada, 'k');
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect([again.statusCode, again.body]).toEqual([201, first.body]);
  for (const name of ['etag', 'location', 'content-type']) {
    expect(again.headers[name]).toBe(first.headers[name]);
  }
  expect(await countOf(ada)).toBe(1);
});

test('the same key with another body is 422 and changes nothing', async () => {
  const ada = await t.signIn();
  await create(ada, 'k');
  const other = await create(ada, 'k', { title: 'Other' });
  expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency.mismatch']);
  expect(await countOf(ada)).toBe(1);
});

test('a key belongs to one user, method and path', async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  const mine = await create(ada, 'k');
  const theirs = await create(bob, 'k');
  expect([theirs.statusCode, theirs.headers['idempotency-replayed']]).toEqual([201, undefined]);
  const { id } = mine.json();
  const headers = { 'idempotency-key': 'k' };
  const bulk = { action: 'delete', ids: [id] };
  const deleted = await t.call('POST', '/api/v1/tasks/bulk', { as: ada, body: bulk, headers });
  expect(deleted.json()).toEqual({ affected: 1, missing: [] });
  const repeated = await t.call('POST', '/api/v1/tasks/bulk', { as: ada, body: bulk, headers });
  expect(repeated.json()).toEqual({ affected: 1, missing: [] });
  const restored = await t.call('POST', `/api/v1/tasks/${id}/restore`, { as: ada, headers });
  expect([restored.statusCode, restored.json().deleted_at]).toEqual([200, null]);
  const replayed = await t.call('POST', `/api/v1/tasks/${id}/restore`, { as: ada, headers });
  expect([replayed.body, replayed.headers['idempotency-replayed']]).toEqual([
    restored.body,
    'true',
  ]);
});

test('20 requests at once with one key make one task; those that meet it running get 409 with Retry-After', async () => {
  const ada = await t.signIn();
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(ada, 'k')));
  for (const answer of answers) {
    expect([201, 409]).toContain(answer.statusCode);
    if (answer.statusCode === 409) {
      expect(answer.json().code).toBe('idempotency.in_progress');
      expect(answer.headers['retry-after']).toBe('1');
    }
  }
  expect(await countOf(ada)).toBe(1);
  expect((await create(ada, 'k')).headers['idempotency-replayed']).toBe('true');
});

test('while a request with the key runs, another with it is 409', async () => {
  const ada = await t.signIn();
  await t.owner.query('BEGIN');
  const name = JSON.stringify([ada.id, 'POST', '/api/v1/tasks', 'held']);
  await t.owner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [name]);
  expect((await create(ada, 'held')).statusCode).toBe(409);
  await t.owner.query('COMMIT');
  expect((await create(ada, 'held')).statusCode).toBe(201);
});

test('a refusal is not kept, so the request can be mended and repeated', async () => {
  const ada = await t.signIn();
  await create(ada, 'first', { id: 5, title: 'taken' });
  expect((await create(ada, 'k', { id: 5, title: 'other' })).statusCode).toBe(409);
  expect((await create(ada, 'k', { id: 6, title: 'other' })).statusCode).toBe(201);
});

test('change and record are one transaction: where the record fails, nothing has happened', async () => {
  const ada = await t.signIn();
  await t.owner.query(
    "ALTER TABLE idempotency_records ADD CONSTRAINT refuse_all CHECK (key <> 'fails')",
  );
  expect((await create(ada, 'fails')).statusCode).toBe(500);
  expect(await countOf(ada)).toBe(0);
  await t.owner.query('ALTER TABLE idempotency_records DROP CONSTRAINT refuse_all');
});

test('after 24 hours a key is free again, and a job deletes its record', async () => {
  const ada = await t.signIn();
  const first = await create(ada, 'k');
  const age = (interval: string) =>
    t.owner.query(
      'UPDATE idempotency_records SET created_at = now() - $2::interval WHERE user_id = $1',
      [ada.id, interval],
    );
  await age('23 hours 59 minutes');
  expect((await create(ada, 'k')).body).toBe(first.body);
  await purgeAnswers(t.ctx);
  expect((await create(ada, 'k')).body).toBe(first.body);
  await age('24 hours 1 minute');
  expect((await create(ada, 'k', { title: 'Another' })).statusCode).toBe(201);
  await age('24 hours 1 minute');
  expect(await purgeAnswers(t.ctx)).toBe(1);
});

test.each(['', 'with blank', 'é', 'x'.repeat(256), '\u007f'])(
  'Idempotency-Key %j is not 1 to 255 visible ASCII characters: 400',
  async (key) => {
    const ada = await t.signIn();
    const answer = await create(ada, key);
    expect([answer.statusCode, await countOf(ada)]).toEqual([400, 0]);
  },
);

test('a key of 255 characters is fine', async () => {
  expect((await create(await t.signIn(), '~'.repeat(255))).statusCode).toBe(201);
});
