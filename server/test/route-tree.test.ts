import { describe, expect, test } from 'vitest';
import { useTestApp } from './harness/app.ts';

const t = useTestApp();

test('the tree of routes is the one that was looked at', async () => {
  await expect(t.app.printRoutes({ commonPrefix: false })).toMatchFileSnapshot('route-tree.txt');
});

describe('what begins like a path of somebody else is never the list of a user', () => {
  const RESERVED = ['v1', 'auth', 'tasks', 'todos', 'docs', 'openapi.json'];
  const BELOW = ['/tasks', '/tasks/1', '/tasks/1/complete', '/tasks/x/complete', '/tasks/1/x'];
  const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  /** Some of the addresses are real ones: tasks of v1, and a task or todo whose id is no number. */
  const isTaken = (segment: string, path: string) =>
    segment === 'v1'
      ? !path.endsWith('complete')
      : path === '/tasks' && ['tasks', 'todos'].includes(segment);
  /** As a client may write it; the router reads all of them alike. */
  const spelled = (segment: string) => [
    segment,
    `%${segment.charCodeAt(0).toString(16)}${segment.slice(1)}`,
  ];

  test.each(RESERVED.flatMap(spelled))('/api/%s', async (segment) => {
    const ada = await t.signIn();
    for (const method of METHODS) {
      for (const path of BELOW) {
        const address = `/api/${segment}${path}`;
        const options = { as: ada, ...(method !== 'GET' && { body: { title: 'x' } }) };
        const answer = await t.call(method, address, options);
        // 403 is the answer of the lists of users to every name that is not one's own.
        expect([method, address, answer.statusCode]).not.toEqual([method, address, 403]);
        const isUnknown = answer.statusCode === 404 && answer.json().code === 'route.not_found';
        if (isTaken(decodeURIComponent(segment), path)) continue;
        expect([method, address, isUnknown]).toEqual([method, address, true]);
      }
    }
  });

  test('unknown paths below them are problems, with or without a token', async () => {
    const ada = await t.signIn();
    for (const path of ['/api/v1/tasks/1/complete', '/api/auth/x', '/api/auth/tasks', '/api/x']) {
      for (const as of [{}, { as: ada }]) {
        for (const method of METHODS) {
          const answer = await t.call(method, path, as);
          expect(answer.statusCode).toBe(404);
          expect(answer.headers['content-type']).toBe('application/problem+json');
        }
      }
    }
  });
});
