import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Told } from './provider.ts';
import { toIdentity } from './provider-answer.ts';

const TOLD: Told = {
  subject: '1',
  email: 'ada@example.org',
  isEmailProven: true,
  name: 'Ada',
  picture: 'https://example.org/ada.png',
};
const identityOf = (told: Partial<Told>) =>
  toIdentity('oidc', 'https://issuer.example', { ...TOLD, ...told });

test.each([
  undefined,
  null,
  '',
  ' ',
  ' 1',
  '1 ',
  0,
  1,
  true,
  {},
  ['1'],
  'a\nb',
  'a\0b',
  'é',
  'x'.repeat(256),
  'x'.repeat(10_000),
])('nobody is %j', (subject) => {
  expect(() => identityOf({ subject })).toThrow(expect.objectContaining({ reason: 'subject' }));
});

test.each(['1', 'auth0|4f3e', 'CN=Ada Lovelace,O=Example', 'x'.repeat(255)])(
  'somebody is %j',
  (subject) => {
    expect(identityOf({ subject }).subject).toBe(subject);
  },
);

test.each([
  undefined,
  null,
  '',
  1,
  {},
  ['ada@example.org'],
  'ada',
  'ada@example.org,eve@example.org',
  'ada@example.org\r\nBcc: eve@example.org',
  '"ada"@example.org',
  'ada@example.org ',
  'ädä@example.org',
  `${'a'.repeat(300)}@example.org`,
])('%j is no address, and proves nothing', (email) => {
  expect(identityOf({ email })).toMatchObject({ email: null, isEmailProven: false });
});

test('an address is kept as the provider writes it, proven or not', () => {
  expect(identityOf({ email: 'Ada@Example.org' })).toMatchObject({
    email: 'Ada@Example.org',
    isEmailProven: true,
  });
  expect(identityOf({ isEmailProven: false }).isEmailProven).toBe(false);
});

describe('a name', () => {
  test.each([
    ['  Ada \n Lovelace\t', 'Ada Lovelace'],
    ['Ada\0\u0007\u009fLovelace', 'Ada Lovelace'],
    ['\ud800Ada', '\ufffdAda'],
    ['', null],
    [' \n ', null],
    [7, null],
    [{}, null],
    ['x'.repeat(101), 'x'.repeat(100)],
    ['🦉'.repeat(101), '🦉'.repeat(100)],
    [`${'x'.repeat(99)} y`, 'x'.repeat(99)],
  ])('%j becomes %j', (name, expected) => {
    expect(identityOf({ name }).name).toBe(expected);
  });

  test('is one that people could have given themselves, whatever is told', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const { name } = identityOf({ name: text });
        if (name === null) return;
        expect(name).toBe(name.trim());
        expect(name.isWellFormed()).toBe(true);
        expect(name).not.toMatch(/\p{Cc}/u);
        expect([...name].length).toBeLessThanOrEqual(100);
        expect(name).not.toBe('');
      }),
    );
  });
});

test.each([
  'http://example.org/ada.png',
  'javascript:alert(1)',
  'data:image/png;base64,AAAA',
  '//example.org/ada.png',
  'https://ada:secret@example.org/',
  `https://example.org/${'x'.repeat(2000)}`,
  `https://example.org/${'é'.repeat(1000)}`,
  '',
  null,
  {},
])('%j is no picture', (picture) => {
  expect(identityOf({ picture }).pictureUrl).toBeNull();
});
