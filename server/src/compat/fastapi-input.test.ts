import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../test/harness/app.ts';
import { jsonErrorOffset } from './json-error-offset.ts';

const t = useTestApp();
let ada: TestUser;
beforeAll(async () => {
  ada = await t.signIn();
});

const STRING = ['string_type', 'Input should be a valid string'];
const BOOLEAN = ['bool_type', 'Input should be a valid boolean'];
const STATUS = ['enum', "Input should be 'pending', 'in_progress' or 'completed'"];
const MISSING = ['missing', 'Field required'];
const EMPTY = ['string_too_short', 'String should have at least 1 character'];
const OBJECT = [
  'model_attributes_type',
  'Input should be a valid dictionary or object to extract fields from',
];
const BROKEN = ['json_invalid', 'JSON decode error'];

/** Body, and what is wrong with it: place, type and message. */
const BODIES: [string, unknown, ...(readonly unknown[])[]][] = [
  ['a missing field', {}, ['title', ...MISSING]],
  ['a wrong type', { title: 7 }, ['title', ...STRING]],
  ['null where text is needed', { title: null }, ['title', ...STRING]],
  ['empty text', { title: '' }, ['title', ...EMPTY]],
  ['white space alone', { title: ' \n\u3000' }, ['title', ...EMPTY]],
  [
    'too long a title',
    { title: 'x'.repeat(201) },
    ['title', 'string_too_long', 'String should have at most 200 characters'],
  ],
  [
    'too long a description',
    { title: 'x', description: '😀'.repeat(2001) },
    ['description', 'string_too_long', 'String should have at most 2000 characters'],
  ],
  ['an unknown word', { title: 'x', status: 'done' }, ['status', ...STATUS]],
  ['a word of the wrong type', { title: 'x', status: 1 }, ['status', ...STATUS]],
  ['NUL', { title: 'a\0b' }, ['title', 'value_error', 'Value error, must not contain NUL']],
  [
    'half a character',
    { title: 'a\ud800' },
    [
      'title',
      'string_unicode',
      'Input should be a valid string, unable to parse raw data as a unicode string',
    ],
  ],
  [
    'everything at once, in the order of the fields',
    { status: 'x', description: [], title: {} },
    ['title', ...STRING],
    ['description', ...STRING],
    ['status', ...STATUS],
  ],
];

test.each(BODIES)('%s › 422 that names it', async (_name, body, ...problems) => {
  const answer = await t.call('POST', '/api/tasks', { as: ada, body });
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toEqual({
    detail: problems.map(([field, type, msg]) => ({ loc: ['body', field], msg, type })),
  });
});

const JSON_TYPE = 'application/json';
const RAW: [string, string | Buffer, string | undefined, (string | number)[], string[]][] = [
  ['no body', '', undefined, ['body'], MISSING],
  ['an empty body', '', JSON_TYPE, ['body'], MISSING],
  ['null', 'null', JSON_TYPE, ['body'], MISSING],
  ['a list', '[]', JSON_TYPE, ['body'], OBJECT],
  ['a text', '"x"', JSON_TYPE, ['body'], OBJECT],
  ['another media type', 'title=x', 'text/plain', ['body'], OBJECT],
  ['a form', 'title=x', 'application/x-www-form-urlencoded', ['body'], OBJECT],
  ['no JSON', 'title', JSON_TYPE, ['body', 0], BROKEN],
  ['JSON that ends early', '{"title": "x"', JSON_TYPE, ['body', 13], BROKEN],
  ['a comma too many', '{"title": "x",}', JSON_TYPE, ['body', 14], BROKEN],
  ['text without its end', '{"title": "x}', JSON_TYPE, ['body', 10], BROKEN],
  ['no UTF-8', Buffer.from('{"title":"\xff"}', 'latin1'), JSON_TYPE, ['body', 0], BROKEN],
];

test.each(RAW)('%s › 422', async (_name, raw, type, loc, [kind, msg]) => {
  const headers = { ...(type && { 'content-type': type }) };
  const answer = await t.call('POST', '/api/tasks', { as: ada, raw, headers });
  expect([answer.statusCode, answer.json()]).toEqual([422, { detail: [{ loc, msg, type: kind }] }]);
});

test('JSON without a media type is taken for what it is', async () => {
  const answer = await t.call('POST', '/api/tasks', { as: ada, raw: '{"title":"x"}' });
  expect(answer.statusCode).toBe(201);
});

test.each(['application/x-www-form-urlencoded', 'text/plain'])(
  'no body at all is none, even where a client says that it is %s',
  async (type) => {
    const as = await t.signIn();
    const made = await t.call('POST', '/api/tasks', { as, body: { title: 'x' } });
    const headers = { 'content-type': type, 'content-length': '0' };
    const path = `/api/tasks/${made.json().id}`;
    const statuses = [];
    for (const [method, url] of [
      ['PATCH', `${path}/toggle`],
      ['DELETE', path],
      ['POST', '/api/tasks'],
      ['POST', '/api/v1/logout'],
      ['POST', '/api/auth/logout'],
    ] as const) {
      statuses.push((await t.call(method, url, { as, raw: '', headers })).statusCode);
    }
    expect(statuses).toEqual([200, 204, 422, 415, 200]);
  },
);

test('fields that nobody knows are ignored, even those that mean something to JavaScript', async () => {
  const raw = '{"title":"x","__proto__":{"status":"completed"},"constructor":1,"deleted_at":"now"}';
  const headers = { 'content-type': JSON_TYPE };
  const answer = await t.call('POST', '/api/tasks', { as: ada, raw, headers });
  expect([answer.statusCode, answer.json().status]).toEqual([201, 'pending']);
});

test('a body too large is 413 in the same shape', async () => {
  const body = { title: 'x', description: 'x'.repeat(1024 * 1024) };
  const answer = await t.call('POST', '/api/tasks', { as: ada, body });
  expect([answer.statusCode, Object.keys(answer.json())]).toEqual([413, ['detail']]);
});

test.each([
  [{ completed: [] }, BOOLEAN],
  [{ completed: 'perhaps' }, ['bool_parsing', `${BOOLEAN[1]}, unable to interpret input`]],
  [{ completed: 2 }, ['bool_parsing', `${BOOLEAN[1]}, unable to interpret input`]],
])('completion as %j › 422', async (body, [type, msg]) => {
  const answer = await t.call('PATCH', '/api/tasks/1', { as: ada, body });
  expect([answer.statusCode, answer.json()]).toEqual([
    422,
    { detail: [{ loc: ['body', 'completed'], msg, type }] },
  ]);
});

test('what was sent is never repeated', async () => {
  const secret = 'correct horse';
  const body = { email: secret, password: secret.slice(0, 5), name: [secret] };
  const answer = await t.call('POST', '/api/auth/register', { body });
  expect(answer.json().detail).toHaveLength(3);
  expect(answer.body).not.toContain(secret.slice(0, 5));
});

describe('the offset of an error in JSON', () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  test('lies where one more character cannot help: before it JSON can go on, behind it never', () => {
    const spoilt = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[],:"\\x0 -e.\n'.split('')))
      .map(([text, at, char]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + char + text.slice(place);
      })
      .filter((text) => !isJson(text));
    fc.assert(
      fc.property(spoilt, (text) => {
        const offset = jsonErrorOffset(text);
        expect(offset).toBeLessThanOrEqual(text.length);
        // What is before the error is the beginning of some JSON: nothing in it is out of place.
        expect(jsonErrorOffset(text.slice(0, offset))).toBe(offset);
      }),
      { numRuns: 2000 },
    );
  });

  test('is the end of every text that is JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => jsonErrorOffset(text) === text.length));
  });

  test('of a megabyte is found at once', () => {
    const startedAt = performance.now();
    for (const part of ['[', '"', '\\"', '{"a":', '1', ' ', '"a",', 'x']) {
      jsonErrorOffset(part.repeat(1_000_000 / part.length));
      jsonErrorOffset(`["${part.repeat(1_000_000 / part.length)}`);
    }
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
