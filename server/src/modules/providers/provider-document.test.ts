import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProviders, PUBLIC_URL } from '../../../test/harness/providers.ts';
import { SETTINGS } from '../../config/settings.ts';
import { ERROR_CODES } from '../../errors.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const text = readFileSync(join(ROOT, 'docs/operations/providers.md'), 'utf8');
const SETTING = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const CODE = /`((?:provider|registration|user)\.[a-z_]+)`/g;
/** Words of the library and settings of the runtime, which look alike. */
const isElsewhere = (name: string) => /^(OAUTH|NODE)_/.test(name);

test('every setting that the document names exists', () => {
  const names = new Set(text.match(SETTING)?.filter((name) => !isElsewhere(name)));
  const known = (name: string) => name.replace(/_FILE$/, '') in SETTINGS;
  expect([...names].filter((name) => !known(name))).toEqual([]);
});

test('every setting of a provider stands in the document', () => {
  const names = Object.entries(SETTINGS).flatMap(([name, { group }]) =>
    group === 'Providers' ? [name] : [],
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
});

test('every code that the document names exists, and every code of providers is explained', () => {
  const named = new Set([...text.matchAll(CODE)].map(([, code]) => code ?? ''));
  expect([...named].filter((code) => !(code in ERROR_CODES))).toEqual([]);
  const codes = Object.keys(ERROR_CODES).filter((code) => code.startsWith('provider.'));
  expect(codes.filter((code) => !text.includes(`| \`${code}\` |`))).toEqual([]);
});

test('the redirect addresses in the document are those that providers are given', async () => {
  const addresses = text.match(/(?<=`<PUBLIC_URL>)\/api\/[^`]+/g) ?? [];
  const { providers } = openProviders({ GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'secret' });
  const secrets = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
  const url = await providers.authorizationUrl('github', secrets, { isFresh: false });
  const given = url.searchParams.get('redirect_uri')?.slice(PUBLIC_URL.length);
  expect(addresses.sort()).toEqual(
    ['github', 'google', 'microsoft', 'oidc'].map((name) => given?.replace('github', name)),
  );
});
