import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp();
let ada: TestUser;

beforeAll(async () => {
  ada = await t.signIn();
});

/** Its first use prepares tables for seconds, which the server would take for overload. */
const anyText = fc.string({ unit: 'binary' });
fc.sample(anyText, 1);

/** Unicode's White_Space property, written out (PropList.txt). */
const WHITE_SPACE = [
  ...'\t\n\u000b\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000',
  ...Array.from({ length: 11 }, (_, i) => String.fromCodePoint(0x2000 + i)),
];

const codePoint = fc.oneof(
  fc.integer({ min: 0x21, max: 0x7e }),
  fc.integer({ min: 0xa1, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
);
const solid = codePoint
  .map((point) => String.fromCodePoint(point))
  .filter((char) => !/[\p{White_Space}\ufeff]/u.test(char));
const white = fc
  .array(fc.constantFrom(...WHITE_SPACE), { maxLength: 3 })
  .map((chars) => chars.join(''));

function create(title: unknown, description?: unknown) {
  return t.call('POST', '/api/v1/tasks', {
    as: ada,
    body: { title, ...(description !== undefined && { description }) },
  });
}

test('every white space of Unicode is trimmed from both ends, and what lies between is kept exactly', async () => {
  const text = fc.tuple(
    solid,
    fc.array(fc.oneof(solid, fc.constantFrom(...WHITE_SPACE)), { maxLength: 30 }),
    solid,
  );
  const cases = fc.asyncProperty(
    white,
    text,
    white,
    async (before, [first, middle, last], after) => {
      const inner = [first, ...middle, last].join('');
      const answer = await create(before + inner + after, before + inner + after);
      expect(answer.statusCode).toBe(201);
      expect(answer.json()).toMatchObject({ title: inner, description: inner });
      const read = await t.call('GET', `/api/v1/tasks/${answer.json().id}`, { as: ada });
      expect(read.json().title).toBe(inner);
    },
  );
  await fc.assert(cases, { numRuns: 150 });
});

test.each(WHITE_SPACE.map((char) => [char.codePointAt(0)?.toString(16), char]))(
  'a title of U+%s alone is empty: 400',
  async (_name, char) => {
    expect((await create(char.repeat(3))).statusCode).toBe(400);
  },
);

test('lengths are counted in code points: 200 in a title, 2000 in a description, whatever they take', async () => {
  const cases = fc.asyncProperty(solid, async (char) => {
    expect((await create(char.repeat(200), char.repeat(2000))).statusCode).toBe(201);
    expect((await create(char.repeat(201))).statusCode).toBe(400);
    expect((await create('x', char.repeat(2001))).statusCode).toBe(400);
  });
  await fc.assert(cases, { numRuns: 20, examples: [['😀'], ['\u0301'], ['\u{10ffff}']] });
});

test('NUL and lone surrogates are 400 wherever they stand, in bodies and query strings', async () => {
  const bad = fc.oneof(
    fc.constant('\u0000'),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((point) => String.fromCharCode(point)),
  );
  const cases = fc.asyncProperty(
    fc.string({ maxLength: 5 }),
    bad,
    fc.string({ maxLength: 5 }),
    async (before, char, after) => {
      const text = `a${before}\ue000${char}\ue000${after}a`;
      expect((await create(text)).statusCode).toBe(400);
      expect((await create('x', text)).statusCode).toBe(400);
    },
  );
  await fc.assert(cases, { numRuns: 60 });
  expect((await t.call('GET', '/api/v1/tasks?q=a%00b', { as: ada })).statusCode).toBe(400);
});

test('any text that is in a title is found by searching for a word of it', async () => {
  const word = fc.array(solid, { minLength: 1, maxLength: 12 }).map((chars) => chars.join(''));
  const cases = fc.asyncProperty(word, word, async (one, two) => {
    const { id } = (await create(`${one} ${two}`)).json();
    for (const q of [one, two, `${two} ${one}`]) {
      const query = new URLSearchParams({ q, limit: '100' });
      const found = (await t.call('GET', `/api/v1/tasks?${query}`, { as: ada })).json();
      expect(found.items.map((task: { id: number }) => task.id)).toContain(id);
    }
    await t.owner.query('DELETE FROM tasks WHERE user_id = $1', [ada.id]);
  });
  await fc.assert(cases, { numRuns: 60 });
});

test('no query string of any kind is answered with a failure of the server', async () => {
  const names = fc.constantFrom(
    'q',
    'status',
    'sort',
    'limit',
    'cursor',
    'created_from',
    'completed',
    'deleted',
    'updated_to',
    'x',
  );
  const cases = fc.asyncProperty(
    fc.array(fc.tuple(names, anyText), { maxLength: 4 }),
    async (pairs) => {
      const query = pairs
        .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
        .join('&');
      expect([200, 400]).toContain(
        (await t.call('GET', `/api/v1/tasks?${query}`, { as: ada })).statusCode,
      );
    },
  );
  await fc.assert(cases, { numRuns: 200 });
});

test('no body of any kind is answered with a failure of the server', async () => {
  const cases = fc.asyncProperty(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('', '/bulk', '/1/restore'),
    async (body, path) => {
      const answer = await t.call('POST', `/api/v1/tasks${path}`, { as: ada, body });
      expect(answer.statusCode, JSON.stringify(body)).toBeLessThan(500);
    },
  );
  await fc.assert(cases, { numRuns: 150 });
});
