import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp();

interface Schema {
  properties?: Record<string, Schema>;
  $ref?: string;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
}
interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const description: Description = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../openapi/openapi.json'), 'utf8'),
);
const OPERATIONS = Object.entries(description.paths)
  .filter(([path]) => path.startsWith('/api/v1/'))
  .flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      ...operation,
    })),
  );

/** What no id, name or token looks like, as it stands in an address. */
const SEGMENTS = ['%00', 'x', 'A%20b', '%F0%9F%98%80', '%E2%80%AE', '..%2F..', "'%3B--", '-1'];
const TEXTS = ['%00', '%F0%9F', '%25_%5C', '__proto__', '-1', '1e400', '%E2%80%AE', "'"];
const VALUES = [null, true, -1, 1e308, '', '\0', '\ud800', '\u202e', [], [[]], {}, { a: 1 }];
VALUES.push('x'.repeat(5000), '0001-01-01T00:00:00+15:59', '9999-12-31T23:59:60.999999999Z');

function addressOf(path: string, segment = '0198f0a0-0000-7000-8000-00000000000a'): string {
  return path.replace(/\{[^}]+\}/g, segment);
}

/** Somebody new each time, since some of these calls end sessions. */
const administrator = (): Promise<TestUser> => t.signIn('admin', ['admin', 'user']);

/** Browsers are sent on to a page that says so, whatever is wrong. */
const isForBrowsers = ({ responses }: Operation) => '302' in responses;

test.each(OPERATIONS.filter((it) => it.path.includes('{') && !isForBrowsers(it)))(
  '$operationId › a malformed id is answered as an absent one',
  async ({ method, path, requestBody }) => {
    const as = await administrator();
    const id = { 'x-request-id': '0198f0a0-0000-7000-8000-00000000000b' };
    // None of them needs a password; where one confirms, the sign-in is fresh.
    const body = requestBody && { ...wholeBody(path, requestBody), password: undefined };
    const call = { as, headers: id, ...(body && { body }) };
    const absent = await t.call(method, addressOf(path), call);
    expect([404, 410]).toContain(absent.statusCode);
    for (const segment of SEGMENTS) {
      const answer = await t.call(method, addressOf(path, segment), call);
      expect([segment, answer.statusCode, answer.body]).toEqual([
        segment,
        absent.statusCode,
        absent.body,
      ]);
    }
  },
);

test.each(OPERATIONS.filter(({ parameters }) => parameters?.some((it) => it.in === 'query')))(
  '$operationId › whatever a query holds, it is read or refused',
  async ({ method, path, parameters = [] }) => {
    const as = await administrator();
    for (const { name } of parameters.filter((it) => it.in === 'query')) {
      for (const text of TEXTS) {
        const answer = await t.call(method, `${addressOf(path)}?${name}=${text}`, { as });
        expect([name, text, answer.statusCode < 500]).toEqual([name, text, true]);
      }
    }
  },
);

test.each(OPERATIONS.filter(({ requestBody }) => requestBody))(
  '$operationId › whatever a body holds, it is read or refused',
  async ({ method, path, requestBody }) => {
    const fields = Object.keys(propertiesOf(requestBody));
    let as = await administrator();
    for (const name of ['unknown_field', ...fields]) {
      for (const value of VALUES) {
        const body = { ...wholeBody(path, requestBody), [name]: value };
        const answer = await t.call(method, addressOf(path), { as, body });
        expect([name, value, answer.statusCode < 500]).toEqual([name, value, true]);
        if (name === 'unknown_field') expect(answer.statusCode).toBe(400);
        if (answer.statusCode === 401 || answer.statusCode < 300) as = await administrator();
      }
    }
  },
);

function propertiesOf(body: Operation['requestBody']): Record<string, Schema> {
  const schema = body?.content['application/json']?.schema;
  const name = schema?.$ref?.split('/').at(-1);
  return (name ? description.components.schemas[name] : schema)?.properties ?? {};
}

/** Values by which the fields of most bodies are right; but for the password, which would be hashed. */
const RIGHT = {
  name: 'Somebody',
  email: 'ada@example.org',
  password: null,
  roles: ['user'],
  description: '',
  permissions: ['tasks:read'],
  title: 'Something',
  completed: true,
};

function wholeBody(path: string, body: Operation['requestBody']): object {
  const right = { ...RIGHT, status: path.includes('/tasks') ? 'pending' : 'active' };
  const names = Object.keys(propertiesOf(body));
  return Object.fromEntries(Object.entries(right).filter(([it]) => names.includes(it)));
}
