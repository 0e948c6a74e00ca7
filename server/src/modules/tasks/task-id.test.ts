import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useTestApp } from '../../../test/harness/app.ts';
import { newTaskId, parseTaskId } from './task-id.ts';

const t = useTestApp();
const EPOCH_MS = Date.UTC(2025, 0, 1);
/** 41 bits of milliseconds last until here. */
const END_MS = EPOCH_MS + 2 ** 41 - 1;
const moment = fc.integer({ min: EPOCH_MS + 1, max: END_MS });

test('ids are positive, below 2^53, and in order of time down to the millisecond', () => {
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [first, second] = [newTaskId(Math.min(a, b)), newTaskId(Math.max(a, b))];
      expect(Number.isSafeInteger(first)).toBe(true);
      expect(first).toBeGreaterThan(0);
      if (a !== b) expect(first).toBeLessThan(second);
      expect(Math.floor(first / 4096)).toBe(Math.min(a, b) - EPOCH_MS);
    }),
  );
});

test('a path segment is an id exactly in the form in which ids are written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      expect(parseTaskId(String(id))).toBe(id);
      for (const other of [
        `0${id}`,
        `+${id}`,
        `-${id}`,
        ` ${id}`,
        `${id}.0`,
        `${id}n`,
        `${id}e0`,
      ]) {
        expect(parseTaskId(other)).toBeNull();
      }
    }),
  );
  expect(parseTaskId('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  for (const text of ['9007199254740992', '9999999999999999', '99999999999999999', '0', '', '١']) {
    expect(parseTaskId(text)).toBeNull();
  }
});

test('200 tasks made at once get 200 ids, although many fall into one millisecond', async () => {
  const ada = await t.signIn();
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([201]));
  expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(200);
});

test('an id that is taken already is avoided', async () => {
  const ada = await t.signIn();
  const nowMs = Date.now() + 5000;
  const realNow = Date.now;
  // A quarter of the ids of one millisecond is taken, so a quarter of the first attempts fails.
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title)
     SELECT $1, ($2::bigint - $3::bigint) * 4096 + i, 'taken' FROM generate_series(0, 1023) AS i`,
    [ada.id, nowMs, EPOCH_MS],
  );
  Date.now = () => nowMs;
  try {
    const made = [];
    for (let i = 0; i < 20; i++) {
      made.push(await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'new' } }));
    }
    expect(new Set(made.map((answer) => answer.statusCode))).toEqual(new Set([201]));
    expect(new Set(made.map((answer) => answer.json().id)).size).toBe(20);
  } finally {
    Date.now = realNow;
  }
});
