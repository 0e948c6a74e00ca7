import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSettings, problemsOf } from '../../test/harness/settings.ts';
import { describeSettings } from './config.ts';
import { collectSettings } from './env.ts';
import { SETTINGS } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'docket-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

test('without any setting: development on loopback with the embedded database and every limit on', () => {
  expect(loadSettings({})).toMatchObject({
    profile: 'development',
    host: '127.0.0.1',
    port: 3000,
    publicUrl: null,
    secretKey: null,
    database: { target: { kind: 'embedded' }, poolMax: 25, poolMin: 5, poolMaxLifetimeMs: 300_000 },
    registration: 'open',
    cookieSameSite: 'strict',
    corsOrigins: [],
    trustedProxies: [],
    redis: null,
    rateLimits: {
      perAddress: { count: 100, periodSeconds: 60 },
      perAddressSignIn: { count: 5, periodSeconds: 60 },
      perUser: { count: 600, periodSeconds: 60 },
      perMailRecipient: { count: 5, periodSeconds: 3600 },
    },
  });
});

test('a setting that is empty counts as not set', () => {
  expect(loadSettings({ PORT: '', PUBLIC_URL: '', CORS_ORIGINS: '' })).toEqual(loadSettings({}));
});

test('each database URL falls back on the one before', () => {
  const [url, direct, owner] = ['postgresql://a@h/d', 'postgresql://b@h/d', 'postgresql://c@h/d'];
  const target = (more: object) => loadSettings({ DATABASE_URL: url, ...more }).database.target;
  expect(target({})).toEqual({ kind: 'external', url, directUrl: url, migrationUrl: url });
  expect(target({ DATABASE_DIRECT_URL: direct })).toMatchObject({
    directUrl: direct,
    migrationUrl: direct,
  });
  expect(target({ DATABASE_DIRECT_URL: direct, DATABASE_MIGRATION_URL: owner })).toMatchObject({
    migrationUrl: owner,
  });
});

test('values are brought into one form', () => {
  const config = loadSettings({
    PUBLIC_URL: 'HTTPS://Tasks.Example.org:443/',
    CORS_ORIGINS: ' https://a.example , ,http://b.example:80',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    DATABASE_STATEMENT_TIMEOUT: '1500ms',
    DATABASE_PREPARED: 'off',
    RATE_LIMIT_DEFAULT: '7/2h',
  });
  expect(config).toMatchObject({
    publicUrl: 'https://tasks.example.org',
    corsOrigins: ['https://a.example', 'http://b.example'],
    trustedProxies: ['10.0.0.0/8', '::1'],
    database: { statementTimeoutMs: 1500, isPrepared: false },
    rateLimits: { perAddress: { count: 7, periodSeconds: 7200 } },
  });
});

test('a file may hold any setting; the variable itself wins over its file, both over CONFIG_FILE', () => {
  const secret = 'a secret from a file, long enough to do';
  const SECRET_KEY_FILE = file('secret', `${secret}\n`);
  const CONFIG_FILE = file(
    'docket.env',
    `PORT=4000\nSECRET_KEY="${'c'.repeat(40)}"\n# PORT=5\nLOG_LEVEL=warn\n`,
  );
  expect(loadSettings({ SECRET_KEY_FILE }).secretKey).toBe(secret);
  expect(loadSettings({ SECRET_KEY_FILE, CONFIG_FILE })).toMatchObject({
    secretKey: secret,
    port: 4000,
    logLevel: 'warn',
  });
  const own = 'd'.repeat(40);
  expect(
    loadSettings({ SECRET_KEY: own, SECRET_KEY_FILE, CONFIG_FILE, PORT: '5000' }),
  ).toMatchObject({
    secretKey: own,
    port: 5000,
  });
});

test('every setting can be given as a file', () => {
  for (const name of Object.keys(SETTINGS)) {
    const problems = problemsOf({ [`${name}_FILE`]: join(dir, 'missing') });
    expect(problems).toEqual([expect.stringContaining(`${name}_FILE`)]);
  }
});

test('a file that is missing or empty is a problem that names variable and file; those of other programs are not read', () => {
  expect(problemsOf({ SECRET_KEY_FILE: join(dir, 'missing') })).toEqual([
    expect.stringMatching(/SECRET_KEY_FILE.*missing.*ENOENT/),
  ]);
  expect(problemsOf({ SECRET_KEY_FILE: file('empty', '\n') })).toEqual([
    expect.stringContaining('is empty'),
  ]);
  expect(problemsOf({ OTHER_PROGRAM_FILE: '/nonexistent' })).toEqual([]);
  expect(() => loadSettings({ CONFIG_FILE: join(dir, 'missing') })).toThrow(/CONFIG_FILE.*ENOENT/);
});

test('the description names every setting with its source and masks what is secret', () => {
  const SECRET_KEY_FILE = file('secret', 'a secret from a file, long enough to do');
  const CONFIG_FILE = file('docket.env', 'PORT=4000');
  const rows = describeSettings(
    collectSettings({
      SECRET_KEY_FILE,
      CONFIG_FILE,
      DATABASE_URL: 'postgresql://docket:pw@db.example:5432/docket',
      METRICS_TOKEN: 'm'.repeat(20),
      HOST: '::1',
    }),
  );
  const of = (name: string) => rows.find((row) => row.name === name);
  expect(rows.map((row) => row.name)).toEqual(Object.keys(SETTINGS));
  expect(of('PORT')).toEqual({ name: 'PORT', value: '4000', source: CONFIG_FILE });
  expect(of('HOST')).toEqual({ name: 'HOST', value: '::1', source: 'environment' });
  expect(of('RATE_LIMIT_AUTH')).toMatchObject({ value: '5/1m', source: 'default' });
  expect(of('SECRET_KEY')).toMatchObject({
    value: '********',
    source: expect.stringContaining('SECRET_KEY_FILE'),
  });
  expect(JSON.stringify(rows)).not.toMatch(/a secret from|:pw@|mmmm/);
});

test('mail has a server and a sender; without a name the address alone', () => {
  const url = 'smtps://user:p%40ss@mail.example.org:465?tls.servername=mx.example.org';
  expect(loadSettings({ SMTP_URL: url, MAIL_FROM: 'Our tasks <tasks@example.org>' }).mail).toEqual({
    smtpUrl: url,
    from: { name: 'Our tasks', address: 'tasks@example.org' },
  });
  expect(loadSettings({ MAIL_FROM: 'tasks@example.org' }).mail).toEqual({
    smtpUrl: null,
    from: { name: null, address: 'tasks@example.org' },
  });
  for (const from of ['tasks', 'a@x.com, b@y.com', 'x <a@x.com> y', '"x" <a@x.com>']) {
    expect(problemsOf({ MAIL_FROM: from })).toHaveLength(1);
  }
});

const FOREIGN_SECRET = 'kX3v9QpL7wZt2RbY8nHs5JdF0mCg6UaE';

test('tokens of another front end are taken where there is a key for them', () => {
  expect(loadSettings({}).foreignTokens).toBeNull();
  expect(loadSettings({ BETTER_AUTH_SECRET: FOREIGN_SECRET }).foreignTokens).toEqual({
    secret: FOREIGN_SECRET,
    jwksUrl: null,
    issuer: null,
    audience: null,
    maxAgeSeconds: 900,
    isProvisioning: true,
  });
  const jwksUrl = 'http://127.0.0.1:3001/api/auth/jwks';
  const settings = { BETTER_AUTH_JWKS_URL: jwksUrl, FOREIGN_PROVISIONING: 'off' };
  expect(loadSettings(settings).foreignTokens).toMatchObject({ jwksUrl, isProvisioning: false });
});
