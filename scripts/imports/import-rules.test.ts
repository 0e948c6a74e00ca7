import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readImports } from './import-graph.ts';
import { brokenRules } from './import-rules.ts';

const SERVER = 'server/src';
const TASKS = `${SERVER}/modules/tasks`;

/** What breaks each rule, and the neighbour of it that does not. */
const CASES: { rule: string; refused: [string, string][]; allowed: [string, string][] }[] = [
  {
    rule: 'only routes and schemas of a module know HTTP',
    refused: [
      [`${TASKS}/tasks.service.ts`, `${SERVER}/http/problem.ts`],
      [`${TASKS}/tasks.repository.ts`, 'fastify'],
      [`${TASKS}/purge-trash.ts`, '@fastify/cors'],
    ],
    allowed: [
      [`${TASKS}/tasks.routes.ts`, `${SERVER}/http/problem.ts`],
      [`${TASKS}/tasks.schema.ts`, 'fastify'],
      [`${TASKS}/tasks.service.ts`, 'kysely'],
    ],
  },
  {
    rule: 'a repository is known only in its own folder',
    refused: [
      [`${SERVER}/modules/users/users.service.ts`, `${TASKS}/tasks.repository.ts`],
      [`${SERVER}/context.ts`, `${TASKS}/tasks.repository.ts`],
      [`${SERVER}/compat/todos/todos.routes.ts`, `${TASKS}/tasks.repository.ts`],
    ],
    allowed: [[`${TASKS}/tasks.service.ts`, `${TASKS}/tasks.repository.ts`]],
  },
  {
    rule: 'a module uses another through its service',
    refused: [[`${SERVER}/modules/users/users.service.ts`, `${TASKS}/task-id.ts`]],
    allowed: [[`${SERVER}/modules/users/users.service.ts`, `${TASKS}/tasks.service.ts`]],
  },
  {
    rule: 'platform imports nothing of the application',
    refused: [
      [`${SERVER}/platform/log.ts`, `${TASKS}/tasks.service.ts`],
      [`${SERVER}/platform/log.ts`, `${SERVER}/errors.ts`],
    ],
    allowed: [[`${SERVER}/platform/log.ts`, `${SERVER}/platform/metrics.ts`]],
  },
  {
    rule: 'auth knows no module and no HTTP',
    refused: [
      [`${SERVER}/auth/cursor.ts`, `${TASKS}/tasks.service.ts`],
      [`${SERVER}/auth/cursor.ts`, `${SERVER}/http/etag.ts`],
    ],
    allowed: [[`${SERVER}/auth/cursor.ts`, `${SERVER}/errors.ts`]],
  },
  {
    rule: 'a compatibility API is known to app.ts alone',
    refused: [
      [`${SERVER}/compat/todos/todos.routes.ts`, `${SERVER}/compat/flat-tasks/mapping.ts`],
      [`${TASKS}/tasks.service.ts`, `${SERVER}/compat/todos/mapping.ts`],
    ],
    allowed: [
      [`${SERVER}/app.ts`, `${SERVER}/compat/todos/todos.routes.ts`],
      [`${SERVER}/compat/todos/todos.routes.ts`, `${TASKS}/tasks.service.ts`],
    ],
  },
  {
    rule: 'nothing looks up to app.ts and the commands',
    refused: [
      [`${TASKS}/tasks.routes.ts`, `${SERVER}/app.ts`],
      [`${SERVER}/http/gate.ts`, `${SERVER}/commands/serve.ts`],
    ],
    allowed: [[`${SERVER}/commands/serve.ts`, `${SERVER}/app.ts`]],
  },
  {
    rule: 'features of the page do not know each other',
    refused: [
      ['web/src/features/tasks/task-row.tsx', 'web/src/features/account/email-field.tsx'],
      ['web/src/shell/app-header.tsx', 'web/src/features/tasks/task-row.tsx'],
    ],
    allowed: [
      ['web/src/routes.tsx', 'web/src/features/tasks/tasks-page.tsx'],
      ['web/src/features/tasks/task-row.tsx', 'web/src/shell/format.ts'],
    ],
  },
  {
    rule: 'ui/ knows no router, no queries and nothing of Docket',
    refused: [
      ['web/src/ui/button.tsx', '@tanstack/react-router'],
      ['web/src/ui/button.tsx', '@tanstack/react-query'],
      ['web/src/ui/button.tsx', 'web/src/shell/messages.ts'],
    ],
    allowed: [
      ['web/src/ui/button.tsx', 'react'],
      ['web/src/ui/button.tsx', 'web/src/ui/kbd.tsx'],
    ],
  },
];

function imported([from, to]: [string, string]) {
  return { from, to, isPackage: !/^(server|web)\//.test(to) };
}

describe('the dependency rule', () => {
  test.each(CASES)('$rule', ({ refused, allowed }) => {
    for (const pair of refused) expect(brokenRules([imported(pair)]), pair[0]).toHaveLength(1);
    for (const pair of allowed) expect(brokenRules([imported(pair)]), pair[0]).toEqual([]);
  });

  test('modules that need each other are found, whatever the length of the ring', () => {
    const ring = ['users', 'sessions', 'tasks', 'users'];
    const pairs = ring
      .slice(1)
      .map((to, i): [string, string] => [
        `${SERVER}/modules/${ring[i]}/${ring[i]}.service.ts`,
        `${SERVER}/modules/${to}/${to}.service.ts`,
      ]);
    expect(brokenRules(pairs.map(imported))).toHaveLength(3);
    expect(brokenRules(pairs.slice(1).map(imported))).toEqual([]);
  });

  test('tests may look into anything', () => {
    const pair: [string, string] = [`${TASKS}/tasks.service.test.ts`, `${SERVER}/http/etag.ts`];
    expect(brokenRules([imported(pair)])).toEqual([]);
  });

  test('imports are read from the sources with resolved paths, of types and packages too', () => {
    const imports = readImports(join(import.meta.dirname, '../..'));
    const from = `${SERVER}/app.ts`;
    expect(imports).toContainEqual({ from, to: 'fastify', isPackage: true });
    expect(imports).toContainEqual({ from, to: `${SERVER}/context.ts`, isPackage: false });
    expect(imports).toContainEqual({
      from: `${TASKS}/tasks.service.ts`,
      to: `${SERVER}/context.ts`,
      isPackage: false,
    });
    expect(imports.some((one) => one.from === 'web/src/main.tsx')).toBe(true);
  });
});
