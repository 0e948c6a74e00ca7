import { expect, test } from 'vitest';
import { problemsOf } from '../../test/harness/settings.ts';

const LIVE = {
  PROFILE: 'production',
  SECRET_KEY: 'a secret of production, long enough',
  PUBLIC_URL: 'https://tasks.example.org',
  DATABASE_URL: 'postgresql://docket:pw@db.example:5432/docket',
};
const FOREIGN_SECRET = 'kX3v9QpL7wZt2RbY8nHs5JdF0mCg6UaE';

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
