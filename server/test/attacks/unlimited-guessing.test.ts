import { expect, test } from 'vitest';
import { refreshCookie } from '../harness/accounts.ts';
import { startTestApp, type TestUser } from '../harness/app.ts';
import { outcomeOf } from '../harness/mails.ts';

const ME = '/api/v1/users/me';
const NEW_PASSWORD = 'another fine password';
const TRIES = 4;
const LIMITED = [...Array(TRIES - 1).fill(false), true];

/** Every public route at which something can be guessed, or mail be asked for. */
const PUBLIC: [string, string, object?][] = [
  ['POST', '/api/v1/login', { email: 'x@example.org', password: 'wrong' }],
  ['POST', '/api/v1/register', { email: 'x@example.org', password: 'short' }],
  ['GET', '/api/v1/verify/guess'],
  ['POST', '/api/v1/verify/resend', { email: 'x@example.org' }],
  ['POST', '/api/v1/password/forgot', { email: 'x@example.org' }],
  ['POST', '/api/v1/password/reset', { token: 'guess', password: NEW_PASSWORD }],
  ['POST', `${ME}/email/confirm`, { token: 'guess' }],
  ['POST', '/api/v1/setup', { token: 'guess', email: 'x@example.org', password: NEW_PASSWORD }],
];

test.each(PUBLIC)('%s %s › one address has few tries', async (method, url, body) => {
  const t = await startTestApp({ RATE_LIMIT_AUTH: `${TRIES - 1}/1m` });
  const isLimited = [];
  for (let i = 0; i < TRIES; i++) {
    const answer = await t.call(method, url, { ...(body && { body }) });
    isLimited.push(answer.statusCode === 429);
  }
  expect(isLimited).toEqual(LIMITED);
  await t.close();
});

/** Everything that asks somebody signed in for their password. */
const WITH_PASSWORD: [string, string, (guess: string) => object][] = [
  ['PUT', `${ME}/password`, (guess) => ({ current_password: guess, new_password: NEW_PASSWORD })],
  ['PATCH', ME, (password) => ({ email: 'eve@example.org', password })],
  [
    'PUT',
    ME,
    (password) => ({
      name: null,
      email: 'eve@example.org',
      preferences: { theme: 'system', time_zone: null, email_notices: true },
      password,
    }),
  ],
  ['DELETE', ME, (password) => ({ password })],
];

test.each(WITH_PASSWORD)(
  '%s %s › whoever has taken a session has few tries at its password',
  async (method, url, bodyOf) => {
    const t = await startTestApp({ RATE_LIMIT_AUTH: `${TRIES - 1}/1m` });
    const { id: userId, sessionId, ...ada } = await t.signIn();
    const authenticatedAtSeconds = Math.floor(Date.now() / 1000) - 3600;
    const claims = { userId, sessionId, authVersion: 1, authenticatedAtSeconds, permissions: [] };
    const accessToken = await t.ctx.accessTokens.issue(claims);
    const as: TestUser = { ...ada, id: userId, sessionId, accessToken };
    const outcomes = [];
    for (let i = 0; i < TRIES; i++) {
      outcomes.push(outcomeOf(await t.call(method, url, { as, body: bodyOf(`guess ${i}`) })));
    }
    expect(outcomes.map((outcome) => outcome === '429 rate.limited')).toEqual(LIMITED);
    expect(outcomes.slice(0, -1).every((outcome) => outcome.startsWith('401 '))).toBe(true);
    await t.close();
  },
);

test('one session has so many refreshes and no more, from whatever addresses', async () => {
  const t = await startTestApp();
  const ada = await t.signIn();
  for (let i = 0; i < 31; i++) {
    const cookie = refreshCookie(t.ctx, ada, i);
    const remoteAddress = `192.0.2.${i}`;
    const answer = await t.call('POST', '/api/v1/refresh', { headers: { cookie }, remoteAddress });
    expect([i, answer.statusCode]).toEqual([i, i < 30 ? 200 : 429]);
  }
  await t.close();
});
