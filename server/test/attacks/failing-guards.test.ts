import { expect, test, vi } from 'vitest';
import { DatabaseUnavailable } from '../../src/platform/postgres/errors.ts';
import { refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp({ RATE_LIMIT_AUTH: '1000/1m' });

/** Every way in; each asks a guard that may fail. */
const WAYS_IN = {
  list: (as: TestUser) => t.call('GET', '/api/v1/tasks', { as }),
  create: (as: TestUser) => t.call('POST', '/api/v1/tasks', { as, body: { title: 'x' } }),
  profile: (as: TestUser) => t.call('GET', '/api/v1/users/me', { as }),
  login: (as: TestUser) =>
    t.call('POST', '/api/v1/login', { body: { email: as.email, password: TEST_PASSWORD } }),
  refresh: (as: TestUser) =>
    t.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(t.ctx, as) } }),
  logout: (as: TestUser) => t.call('POST', '/api/v1/logout', { as }),
};

test.each(Object.entries(WAYS_IN))(
  '%s › 503 where the database cannot be asked, never a pass',
  async (_name, enter) => {
    const ada = await t.signIn();
    const gone = (['run', 'transaction'] as const).map((way) =>
      vi.spyOn(t.ctx.db, way).mockRejectedValue(new DatabaseUnavailable('injected')),
    );
    const answer = await enter(ada);
    for (const way of gone) way.mockRestore();
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([503, undefined]);
    expect(answer.headers['retry-after']).toBe('2');
  },
);

test.each([
  ['the state of the session', 'list', () => vi.spyOn(t.ctx.sessionStates, 'check')],
  ['the signature', 'list', () => vi.spyOn(t.ctx.accessTokens, 'verify')],
  ['the rate limit', 'login', () => vi.spyOn(t.ctx.rateBuckets, 'take')],
  ['the comparison of passwords', 'login', () => vi.spyOn(t.ctx.passwords, 'matches')],
  ['the origin', 'refresh', () => vi.spyOn(t.ctx.refreshCookie, 'requireSameOrigin')],
] as const)('a defect in %s is a failure, not a pass', async (_name, way, spyOn) => {
  const ada = await t.signIn();
  const broken = spyOn().mockImplementation(() => {
    throw new Error('injected');
  });
  const answer = await WAYS_IN[way](ada);
  broken.mockRestore();
  expect(answer.statusCode).toBe(500);
  expect(answer.headers['set-cookie']).toBeUndefined();
});
