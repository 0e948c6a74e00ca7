import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Config, describeSettings, loadConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { collectSettings } from './env.ts';
import { SETTINGS } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'docket-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const LIVE = {
  PROFILE: 'production',
  SECRET_KEY: 'a secret of production, long enough',
  PUBLIC_URL: 'https://tasks.example.org',
  DATABASE_URL: 'postgresql://docket:pw@db.example:5432/docket',
};

function load(variables: Record<string, string>): Config {
  return loadConfig(collectSettings(variables));
}

function problemsOf(variables: Record<string, string>): string[] {
  try {
    load(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const FOREIGN_SECRET = 'kX3v9QpL7wZt2RbY8nHs5JdF0mCg6UaE';

test('without any setting: development on loopback with the embedded database and every limit on', () => {
  expect(load({})).toMatchObject({
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
  expect(load({ PORT: '', PUBLIC_URL: '', CORS_ORIGINS: '' })).toEqual(load({}));
});

test('each database URL falls back on the one before', () => {
  const [url, direct, owner] = ['postgresql://a@h/d', 'postgresql://b@h/d', 'postgresql://c@h/d'];
  const target = (more: object) => load({ DATABASE_URL: url, ...more }).database.target;
  expect(target({})).toEqual({ kind: 'external', url, directUrl: url, migrationUrl: url });
  expect(target({ DATABASE_DIRECT_URL: direct })).toMatchObject({
    directUrl: direct,
    migrationUrl: direct,
  });
  expect(target({ DATABASE_DIRECT_URL: direct, DATABASE_MIGRATION_URL: owner })).toMatchObject({
    migrationUrl: owner,
  });
});

test.each(['production', 'staging'])(
  '%s starts with a secret, https and a named database, and not without',
  (PROFILE) => {
    const settings = { ...LIVE, PROFILE };
    expect(problemsOf(settings)).toEqual([]);
    expect(problemsOf({ ...settings, DATABASE_URL: 'embedded' })).toEqual([]);
    for (const name of ['SECRET_KEY', 'PUBLIC_URL', 'DATABASE_URL']) {
      const [problem, ...others] = problemsOf({ ...settings, [name]: '' });
      expect(problem).toContain(`PROFILE=${PROFILE} needs ${name}`);
      expect(others).toEqual([]);
    }
    expect(problemsOf({ ...settings, PUBLIC_URL: 'http://tasks.example.org' })).toHaveLength(1);
    expect(problemsOf({ PROFILE })).toHaveLength(3);
    for (const limit of ['DEFAULT', 'AUTH', 'USER', 'MAIL']) {
      const name = `RATE_LIMIT_${limit}`;
      expect(problemsOf({ ...settings, [name]: 'off' })).toEqual([
        expect.stringContaining(`${name}=off`),
      ]);
    }
  },
);

test.each([
  ['cookies for other sites over http', { COOKIE_SAMESITE: 'none' }, 'COOKIE_SAMESITE'],
  [
    'an owner of the embedded database',
    { DATABASE_MIGRATION_URL: 'postgresql://a@h/d' },
    'DATABASE_MIGRATION_URL',
  ],
  [
    'a direct way to the embedded database',
    { DATABASE_URL: 'embedded', DATABASE_DIRECT_URL: 'postgresql://a@h/d' },
    'DATABASE_DIRECT_URL',
  ],
  [
    'one secret for two servers',
    { SECRET_KEY: FOREIGN_SECRET, BETTER_AUTH_SECRET: FOREIGN_SECRET },
    'BETTER_AUTH_SECRET',
  ],
  ['an issuer of tokens that nothing checks', { FOREIGN_ISSUER: 'x' }, 'FOREIGN_ISSUER'],
  [
    'more idle connections than connections',
    { DATABASE_POOL_MIN: '9', DATABASE_POOL_MAX: '8' },
    'DATABASE_POOL_MIN',
  ],
])('%s is a contradiction that a sentence explains', (_name, variables, name) => {
  expect(problemsOf(variables)).toEqual([expect.stringContaining(name)]);
});

test.each([
  ['PROFILE', 'prod'],
  ['PORT', '65536'],
  ['PORT', '80a'],
  ['PORT', '-1'],
  ['PUBLIC_URL', 'tasks.example.org'],
  ['PUBLIC_URL', 'https://tasks.example.org/path'],
  ['PUBLIC_URL', 'https://user@tasks.example.org'],
  ['PUBLIC_URL', 'ftp://tasks.example.org'],
  ['DATABASE_URL', 'mysql://a@h/d'],
  ['DATABASE_POOL_MAX', '0'],
  ['DATABASE_POOL_TIMEOUT', '5'],
  ['DATABASE_POOL_TIMEOUT', '0s'],
  ['DATABASE_POOL_TIMEOUT', '5 s'],
  ['DATABASE_POOL_TIMEOUT', '366d'],
  ['DATABASE_PREPARED', 'true'],
  ['SECRET_KEY', 'too short'],
  ['REGISTRATION', 'maybe'],
  ['BETTER_AUTH_SECRET', FOREIGN_SECRET.slice(1)],
  ['BETTER_AUTH_SECRET', 'better-auth-secret-12345678901234567890'],
  ['BETTER_AUTH_SECRET', 'please-change-me-please-change-me-now'],
  ['BETTER_AUTH_SECRET', 'your-better-auth-secret-goes-in-here'],
  ['BETTER_AUTH_SECRET', '0123456'.repeat(6)],
  ['BETTER_AUTH_JWKS_URL', 'app.example.org/api/auth/jwks'],
  ['BETTER_AUTH_JWKS_URL', 'http://app.example.org/api/auth/jwks'],
  ['BETTER_AUTH_JWKS_URL', 'http://localhost.evil.example/jwks'],
  ['BETTER_AUTH_JWKS_URL', 'https://user:password@app.example.org/jwks'],
  ['BETTER_AUTH_JWKS_URL', 'file:///etc/passwd'],
  ['FOREIGN_MAX_AGE', '15'],
  ['FOREIGN_PROVISIONING', 'true'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://a.example, b.example'],
  ['COOKIE_SAMESITE', 'None'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', 'proxy.example'],
  ['TRUSTED_PROXIES', '::1/129'],
  ['RATE_LIMIT_AUTH', '5'],
  ['RATE_LIMIT_AUTH', '0/1m'],
  ['RATE_LIMIT_AUTH', '5/0m'],
  ['RATE_LIMIT_AUTH', '5/366d'],
  ['RATE_LIMIT_MAIL', '5 per hour'],
  ['REDIS_URL', 'localhost:6379'],
  ['REDIS_URL', 'http://localhost:6379'],
  ['REDIS_URL', 'redis://'],
  ['REDIS_URL', 'redis://localhost/name'],
  ['REDIS_URL', 'redis://localhost/0?password=x'],
  ['LOG_LEVEL', 'verbose'],
  ['METRICS_TOKEN', 'short'],
])('%s=%s is refused by name', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
});

test('every problem is reported at once, and no secret with them', () => {
  const problems = problemsOf({
    PORT: 'x',
    SECRET_KEY: 'sh0rt',
    DATABASE_URL: 'postgresql//u:pa55@h',
    REDIS_URL: 'redis//u:s3sam@h',
  });
  expect(problems).toHaveLength(4);
  expect(problems.join()).not.toMatch(/sh0rt|pa55|s3sam/);
});

test('values are brought into one form', () => {
  const config = load({
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
  expect(load({ SECRET_KEY_FILE }).secretKey).toBe(secret);
  expect(load({ SECRET_KEY_FILE, CONFIG_FILE })).toMatchObject({
    secretKey: secret,
    port: 4000,
    logLevel: 'warn',
  });
  const own = 'd'.repeat(40);
  expect(load({ SECRET_KEY: own, SECRET_KEY_FILE, CONFIG_FILE, PORT: '5000' })).toMatchObject({
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
  expect(() => load({ CONFIG_FILE: join(dir, 'missing') })).toThrow(/CONFIG_FILE.*ENOENT/);
});

test('the description names every setting with its source and masks what is secret', () => {
  const SECRET_KEY_FILE = file('secret', 'a secret from a file, long enough to do');
  const CONFIG_FILE = file('docket.env', 'PORT=4000');
  const rows = describeSettings(
    collectSettings({
      SECRET_KEY_FILE,
      CONFIG_FILE,
      DATABASE_URL: LIVE.DATABASE_URL,
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

test.each([
  'http://mail.example.org',
  'smtp://',
  'smtp://mail.example.org/path',
  'smtp://mail.example.org?ignoreTLS=true',
  'smtp://mail.example.org#x',
  'mail.example.org',
])('SMTP_URL=%s is refused with an example, and never repeated', (url) => {
  const problems = problemsOf({ SMTP_URL: url });
  expect(problems).toEqual([expect.stringMatching(/^SMTP_URL must be a URL such as smtp:/)]);
});

test('mail has a server and a sender; without a name the address alone', () => {
  const url = 'smtps://user:p%40ss@mail.example.org:465?tls.servername=mx.example.org';
  expect(load({ SMTP_URL: url, MAIL_FROM: 'Our tasks <tasks@example.org>' }).mail).toEqual({
    smtpUrl: url,
    from: { name: 'Our tasks', address: 'tasks@example.org' },
  });
  expect(load({ MAIL_FROM: 'tasks@example.org' }).mail).toEqual({
    smtpUrl: null,
    from: { name: null, address: 'tasks@example.org' },
  });
  for (const from of ['tasks', 'a@x.com, b@y.com', 'x <a@x.com> y', '"x" <a@x.com>']) {
    expect(problemsOf({ MAIL_FROM: from })).toHaveLength(1);
  }
});

test('tokens of another front end are taken where there is a key for them', () => {
  expect(load({}).foreignTokens).toBeNull();
  expect(load({ BETTER_AUTH_SECRET: FOREIGN_SECRET }).foreignTokens).toEqual({
    secret: FOREIGN_SECRET,
    jwksUrl: null,
    issuer: null,
    audience: null,
    maxAgeSeconds: 900,
    isProvisioning: true,
  });
  const jwksUrl = 'http://127.0.0.1:3001/api/auth/jwks';
  const settings = { BETTER_AUTH_JWKS_URL: jwksUrl, FOREIGN_PROVISIONING: 'off' };
  expect(load(settings).foreignTokens).toMatchObject({ jwksUrl, isProvisioning: false });
});
