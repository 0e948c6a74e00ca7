import bcrypt from 'bcrypt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';

let t: TestApp;

beforeAll(async () => {
  t = await startTestApp({ RATE_LIMIT_AUTH: '5/1m', TRUSTED_PROXIES: '10.0.0.0/8' });
});

afterAll(() => t?.close());

function guess(email: string, remoteAddress: string, headers = {}) {
  const body = { email, password: 'wrong' };
  return t.call('POST', '/api/v1/login', { body, remoteAddress, headers });
}

test('100 wrong sign-ins at once cost at most five comparisons, the rest 429', async () => {
  const { email } = await t.addAccount();
  const compare = vi.spyOn(bcrypt, 'compare');
  const answers = await Promise.all(Array.from({ length: 100 }, () => guess(email, '192.0.2.1')));
  const statuses = answers.map((answer) => answer.statusCode).sort();
  expect(statuses).toEqual([...Array(5).fill(401), ...Array(95).fill(429)]);
  expect(compare).toHaveBeenCalledTimes(5);
  compare.mockRestore();
});

test('20 wrong sign-ins with a new X-Forwarded-For each are limited after five', async () => {
  const { email } = await t.addAccount();
  const statuses = [];
  for (let i = 0; i < 20; i++) {
    const headers = {
      'x-forwarded-for': `198.51.100.${i}`,
      'x-real-ip': `198.51.100.${i}`,
      forwarded: `for=198.51.100.${i}`,
    };
    statuses.push((await guess(`${i}${email}`, '192.0.2.2', headers)).statusCode);
  }
  expect(statuses).toEqual([...Array(5).fill(401), ...Array(15).fill(429)]);
});

test('guesses from 20 addresses at one account are limited after five, also with the right password then', async () => {
  const { email } = await t.addAccount();
  const statuses = [];
  for (let i = 0; i < 20; i++) statuses.push((await guess(email, `203.0.113.${i}`)).statusCode);
  expect(statuses).toEqual([...Array(5).fill(401), ...Array(15).fill(429)]);
  const body = { email, password: TEST_PASSWORD };
  const right = await t.call('POST', '/api/v1/login', { body, remoteAddress: '203.0.113.99' });
  expect(right.statusCode).toBe(429);
});

test('a success does not give the address its guesses back', async () => {
  const { email } = await t.addAccount();
  const own = { email, password: TEST_PASSWORD };
  const statuses = [];
  for (let i = 0; i < 6; i++) {
    const isOwn = i % 2 === 1;
    const answer = isOwn
      ? await t.call('POST', '/api/v1/login', { body: own, remoteAddress: '192.0.2.3' })
      : await guess(`victim${i}@example.org`, '192.0.2.3');
    statuses.push(answer.statusCode);
  }
  expect(statuses).toEqual([401, 200, 401, 200, 401, 429]);
});
