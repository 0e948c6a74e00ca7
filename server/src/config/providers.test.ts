import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSettings, problemsOf } from '../../test/harness/settings.ts';

const OIDC = { OIDC_ISSUER: 'https://login.example.org/', OIDC_CLIENT_ID: 'docket' };
const GITHUB = { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'secret' };
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-icons-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a provider is on with its id and its secret, which may stand in a file', () => {
  const GOOGLE_CLIENT_SECRET_FILE = fileWith('secret', 'kept in a file\n');
  const { providers } = loadSettings({ GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET_FILE });
  expect(providers).toEqual([{ name: 'google', clientId: 'id', clientSecret: 'kept in a file' }]);
});

test('an OpenID provider needs no secret; its issuer stays as it is written', () => {
  expect(loadSettings(OIDC).providers).toEqual([
    {
      name: 'oidc',
      clientId: 'docket',
      clientSecret: null,
      issuer: 'https://login.example.org/',
      label: 'single sign-on',
      iconUrl: null,
    },
  ]);
});

test('settings that are empty are none', () => {
  const names = ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET', 'OIDC_ISSUER', 'OIDC_ICON'];
  expect(loadSettings(Object.fromEntries(names.map((name) => [name, '']))).providers).toEqual([]);
});

test.each([
  [{ GOOGLE_CLIENT_ID: 'id' }, 'GOOGLE_CLIENT_ID needs GOOGLE_CLIENT_SECRET'],
  [{ GITHUB_CLIENT_SECRET: 'secret' }, 'GITHUB_CLIENT_SECRET needs GITHUB_CLIENT_ID'],
  [{ MICROSOFT_CLIENT_ID: 'id' }, 'MICROSOFT_CLIENT_ID needs MICROSOFT_CLIENT_SECRET'],
  [{ OIDC_ISSUER: 'https://login.example.org' }, 'OIDC_ISSUER needs OIDC_CLIENT_ID'],
  [{ OIDC_CLIENT_ID: 'id' }, 'OIDC_CLIENT_ID needs OIDC_ISSUER'],
  [{ OIDC_CLIENT_SECRET: 'secret' }, 'OIDC_CLIENT_SECRET needs OIDC_ISSUER'],
])('half a provider (%o) is refused: %s', (variables, problem) => {
  expect(problemsOf(variables)).toEqual([problem]);
});

test.each([
  ['GOOGLE_CLIENT_ID', ' '],
  ['GOOGLE_CLIENT_ID', 'id '],
  ['GITHUB_CLIENT_SECRET', 'hush\nhush'],
  ['OIDC_CLIENT_SECRET', ' hush'],
  ['OIDC_CLIENT_ID', 'i\u00a0d'],
  ['GITHUB_URL', 'http://github.example.org'],
  ['GITHUB_URL', 'https://github.example.org/login'],
  ['GITHUB_URL', 'https://ada@github.example.org'],
  ['MICROSOFT_TENANT', '../common'],
  ['MICROSOFT_TENANT', 'no tenant'],
  ['OIDC_ISSUER', 'http://login.example.org'],
  ['OIDC_ISSUER', ' https://login.example.org'],
  ['OIDC_ISSUER', 'https://login.example.org/?realm=a'],
  ['OIDC_ISSUER', 'https://login.example.org/.well-known/openid-configuration'],
  ['OIDC_LABEL', ' '],
  ['OIDC_LABEL', 'x'.repeat(31)],
  ['OIDC_LABEL', 'two\nlines'],
  ['OIDC_ICON', '/nowhere/icon.svg'],
  ['OIDC_ICON', '/nowhere/icon.gif'],
])('%s=%j is refused by name, and never repeated where it is a secret', (name, value) => {
  const problems = problemsOf({ ...OIDC, [name]: value });
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  expect(problems.join()).not.toContain('hush');
});

test.each(['http://localhost:3201', 'http://127.0.0.1:3201', 'http://[::1]:3201'])(
  'a provider on this machine may speak plain http, at %s',
  (url) => {
    expect(problemsOf({ ...OIDC, OIDC_ISSUER: url })).toEqual([]);
    expect(problemsOf({ ...GITHUB, GITHUB_URL: url })).toEqual([]);
  },
);

test('a picture comes along with the list of providers', () => {
  for (const [name, content, type] of [
    ['a.svg', SVG, 'image/svg+xml'],
    ['a.PNG', PNG, 'image/png'],
  ] as const) {
    const { providers } = loadSettings({ ...OIDC, OIDC_ICON: fileWith(name, content) });
    const base64 = Buffer.from(content).toString('base64');
    expect(providers).toMatchObject([{ iconUrl: `data:${type};base64,${base64}` }]);
  }
});

test.each([
  ['is empty', 'empty.svg', ''],
  ['is too large', 'large.png', Buffer.concat([PNG, Buffer.alloc(16 * 1024)])],
  ['is another thing than its name says', 'text.png', SVG],
  ['is another thing than its name says', 'png.svg', PNG],
])('a picture that %s (%s) is refused', (_, name, content) => {
  const problems = problemsOf({ ...OIDC, OIDC_ICON: fileWith(name, content) });
  expect(problems).toEqual([expect.stringMatching(/^OIDC_ICON must be /)]);
});
