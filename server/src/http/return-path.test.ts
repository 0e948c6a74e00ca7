import { expect, test } from 'vitest';
import { returnPathOf } from './return-path.ts';

test.each([
  ['/', '/'],
  ['/?task=5&q=a%20b', '/?task=5&q=a%20b'],
  ['/settings/security', '/settings/security'],
  ['/settings#sessions', '/settings#sessions'],
  ['/apiary', '/apiary'],
])('a path of the application stays: %s', (text, path) => {
  expect(returnPathOf(text)).toBe(path);
});

test.each([
  undefined,
  '',
  'settings',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%2e%2e//evil.example',
  '/..//evil.example',
  '/./\t/evil.example',
  '/\r\nset-cookie: a=b',
  'https://evil.example/',
  'javascript:alert(1)',
  ' /tasks',
  '/api/v1/auth/google',
  '/API/v1/auth/google',
  '/login',
  '/login/problem?code=x',
  '/logout',
])('anything else is the start page: %j', (text) => {
  expect(returnPathOf(text)).toBe('/');
});
