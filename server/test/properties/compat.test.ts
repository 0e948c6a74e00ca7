import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp();
let ada: TestUser;
beforeAll(async () => {
  ada = await t.signIn();
});

/** Its first use prepares tables for seconds, which the server would take for overload. */
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
fc.sample(anyText, 1);

const title = anyText
  .map((text) => `a${text.replaceAll('\0', '')}a`)
  .filter((text) => text.isWellFormed());
const description = fc.option(title, { nil: null });
const status = fc.constantFrom('pending', 'in_progress', 'completed');

/** What every API shows of a task; what one does not show is left out. */
interface Seen {
  id: number;
  title: string;
  completed: boolean;
  description?: string | null;
  status?: string;
  created_at?: string;
  updated_at?: string;
}

/** By id, what every API must show. */
type Expected = Map<number, Partial<Seen>>;

interface TaskApi {
  name: string;
  /** Without, it makes tasks that have none, and leaves those of others as they are. */
  hasDescription: boolean;
  list: () => Promise<Seen[]>;
  create: (title: string, description: string | null) => Promise<Seen>;
  change: (id: number, title: string, description: string | null) => Promise<Seen>;
  complete: (id: number, completed: boolean) => Promise<Seen>;
  remove: (id: number) => Promise<void>;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await t.call(method, path, { as: ada, ...(body !== undefined && { body }) });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return (answer.body ? answer.json() : undefined) as T;
}

function restApi(name: string, base: () => string, complete: TaskApi['complete']): TaskApi {
  return {
    name,
    hasDescription: true,
    list: () => call('GET', base()),
    create: (title, description) => call('POST', base(), { title, description }),
    change: (id, title, description) => call('PUT', `${base()}/${id}`, { title, description }),
    complete,
    remove: (id) => call('DELETE', `${base()}/${id}`),
  };
}

interface Todo {
  id: number;
  text: string;
  completed: boolean;
}

const fromTodo = ({ text, ...todo }: Todo): Seen => ({ ...todo, title: text });
const putTodo = async (id: number, body: Partial<Todo>) =>
  fromTodo(await call('PUT', `/api/todos/${id}`, body));

const V1 = '/api/v1/tasks';
const byUser = () => `/api/${ada.id}/tasks`;

const APIS: TaskApi[] = [
  {
    ...restApi(
      'v1',
      () => V1,
      (id, completed) => call('PUT', `${V1}/${id}/completion`, { completed }),
    ),
    list: async () => (await call<{ items: Seen[] }>('GET', `${V1}?limit=100`)).items,
    change: (id, title, description) => call('PATCH', `${V1}/${id}`, { title, description }),
  },
  restApi('by user', byUser, (id, completed) =>
    call('PATCH', `${byUser()}/${id}/complete`, { completed }),
  ),
  restApi(
    'flat',
    () => '/api/tasks',
    (id, completed) => call('PATCH', `/api/tasks/${id}`, { completed }),
  ),
  {
    name: 'todos',
    hasDescription: false,
    list: async () => (await call<Todo[]>('GET', '/api/todos')).map(fromTodo),
    create: async (text) => fromTodo(await call('POST', '/api/todos', { text })),
    change: (id, text) => putTodo(id, { text }),
    complete: (id, completed) => putTodo(id, { completed }),
    remove: (id) => call('DELETE', `/api/todos/${id}`),
  },
];
const api = fc.constantFrom(...APIS);

/** Every API sees the same tasks, and of each the same, as far as it shows it. */
async function expectAgreement(expected: Expected): Promise<void> {
  const [reference = [], ...others] = await Promise.all(APIS.map(({ list }) => list()));
  const byId = (tasks: Seen[]) => new Map(tasks.map((task) => [task.id, task]));
  const known = byId(reference);
  expect([...known.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [id, task] of expected) expect(known.get(id)).toMatchObject(task);
  for (const tasks of others) {
    const seen = byId(tasks);
    expect([...seen.keys()].sort()).toEqual([...known.keys()].sort());
    for (const [id, task] of seen) {
      const { user_id: _, ...shown } = task as Seen & { user_id: string };
      expect(known.get(id)).toMatchObject(shown);
    }
  }
}

const act = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), api, title, description }),
  fc.record({ kind: fc.constant('change' as const), api, at: fc.nat(), title, description }),
  fc.record({ kind: fc.constant('complete' as const), api, at: fc.nat(), completed: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), api, at: fc.nat() }),
);

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** Does one thing through one API, and to what is expected of all. */
async function perform(it: Act, expected: Expected): Promise<void> {
  if (it.kind === 'create') {
    const { title } = it;
    const description = it.api.hasDescription ? it.description : null;
    const made = await it.api.create(title, description);
    expected.set(made.id, { title, description, completed: false });
    return;
  }
  const id = [...expected.keys()][it.at % (expected.size || 1)];
  if (id === undefined) return;
  const before = expected.get(id);
  if (it.kind === 'remove') {
    await it.api.remove(id);
    expected.delete(id);
  } else if (it.kind === 'complete') {
    await it.api.complete(id, it.completed);
    expected.set(id, { ...before, completed: it.completed });
  } else {
    const { title, description } = it;
    await it.api.change(id, title, description);
    expected.set(id, { ...before, title, ...(it.api.hasDescription && { description }) });
  }
}

test('what any API writes, every other reads the same', async () => {
  const cases = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
    await t.owner.query('DELETE FROM tasks WHERE user_id = $1', [ada.id]);
    const expected: Expected = new Map();
    for (const it of acts) await perform(it, expected);
    await expectAgreement(expected);
  });
  await fc.assert(cases, { numRuns: 60 });
});

test('a status that v1 or the flat API sets is completion to the others, and kept by their changes', async () => {
  const cases = fc.asyncProperty(status, fc.boolean(), title, async (word, isFlat, text) => {
    const path = isFlat ? '/api/tasks' : V1;
    const { id } = await call<Seen>('POST', path, { title: 'x', status: word });
    const changed = await call<Seen>('PUT', `${byUser()}/${id}`, { title: text });
    expect(changed.completed).toBe(word === 'completed');
    await call('PATCH', `${byUser()}/${id}/complete`, { completed: changed.completed });
    expect(await call('GET', `${V1}/${id}`)).toMatchObject({ status: word, title: text });
  });
  await fc.assert(cases, { numRuns: 30 });
});

test('nothing that is sent is answered with a failure of the server', async () => {
  const paths = fc.constantFrom(
    ['POST', '/api/tasks'],
    ['PUT', '/api/tasks/1'],
    ['PATCH', '/api/tasks/1'],
    ['PATCH', '/api/tasks/1/toggle'],
    ['POST', '/api/{user}/tasks'],
    ['PUT', '/api/{user}/tasks/1'],
    ['PATCH', '/api/{user}/tasks/1/complete'],
    ['POST', '/api/todos'],
    ['PUT', '/api/todos/1'],
    ['POST', '/api/auth/login'],
    ['POST', '/api/auth/refresh'],
  );
  const field = fc.constantFrom(
    'title',
    'text',
    'description',
    'status',
    'completed',
    'email',
    'password',
  );
  const body = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(field, fc.oneof(fc.jsonValue({ maxDepth: 1 }), anyText)),
  );
  const cases = fc.asyncProperty(paths, body, async ([method = '', path = ''], sent) => {
    const answer = await t.call(method, path.replace('{user}', ada.id), {
      as: ada,
      raw: JSON.stringify(sent),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode, answer.body).toBeLessThan(500);
  });
  await fc.assert(cases, { numRuns: 200 });
});

test('no query or id of any kind is answered with a failure of the server', async () => {
  const name = fc.constantFrom('limit', 'offset', 'status', 'completed', 'x');
  const cases = fc.asyncProperty(
    fc.array(fc.tuple(name, anyText), { maxLength: 4 }),
    anyText,
    async (pairs, id) => {
      const query = pairs
        .map(([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed())}`)
        .join('&');
      const list = await t.call('GET', `/api/tasks?${query}`, { as: ada });
      expect([200, 422]).toContain(list.statusCode);
      const segment = encodeURIComponent(`${id.toWellFormed()}x`);
      for (const base of ['/api/tasks', byUser()]) {
        const one = await t.call('GET', `${base}/${segment}`, { as: ada });
        expect([404, 422]).toContain(one.statusCode);
      }
    },
  );
  await fc.assert(cases, { numRuns: 150 });
});
