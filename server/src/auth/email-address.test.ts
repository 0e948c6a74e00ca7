import { expect, test } from 'vitest';
import { canonicalEmail, isEmailAddress } from './email-address.ts';

test.each([
  'ada@example.org',
  "o'hara+tag@sub.example.co.uk",
  'a@b',
  '!#$%&*+-/=?^_`{|}~@example.org',
  `${'x'.repeat(64)}@example.org`,
])('%s is an address', (text) => {
  expect(isEmailAddress(text)).toBe(true);
});

test.each([
  '',
  'ada',
  '@example.org',
  'ada@',
  'a@x.com,b@y.com',
  'a@x.com;b@y.com',
  'a@b@c',
  'ada@example.org\r\nBcc: eve@example.org',
  'ada@example.org\n',
  'ada@exa mple.org',
  ' ada@example.org',
  '"ada"@example.org',
  'ada(comment)@example.org',
  'Ada <ada@example.org>',
  'ada.@example.org',
  '.ada@example.org',
  'a..b@example.org',
  'ada@-example.org',
  'ada@example..org',
  'ada@example.org.',
  'ada@[127.0.0.1]',
  'ädä@example.org',
  'ada@exämple.org',
  'ada\u0000@example.org',
  `${'x'.repeat(65)}@example.org`,
  `a@${'x'.repeat(64)}.org`,
  `a@${'x.'.repeat(130)}org`,
])('%j is no address that mail is sent to', (text) => {
  expect(isEmailAddress(text)).toBe(false);
});

test('addresses are compared without case and in one normal form', () => {
  expect(canonicalEmail(' Ada@Example.ORG ')).toBe('ada@example.org');
  expect(canonicalEmail('A\u030a@x.org')).toBe(canonicalEmail('\u00c5@x.org'));
});

test('an address of a thousand kilobytes is refused at once', () => {
  const started = performance.now();
  expect(isEmailAddress(`${'a.'.repeat(500_000)}@`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(100);
});
