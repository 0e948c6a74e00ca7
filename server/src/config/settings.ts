import { keySetUrl, sharedSecret } from './foreign-tokens.ts';
import * as parse from './parsers.ts';
import * as provider from './providers.ts';

/** One setting: the only place where its name, form, default and meaning are written down. */
export interface Setting<T> {
  group:
    | 'Server'
    | 'Database'
    | 'Redis'
    | 'Security'
    | 'Providers'
    | 'Limits'
    | 'Mail'
    | 'Observability';
  parse: parse.Parser<T>;
  /** The text that stands for the setting when it is absent; null: absent means "decided at start". */
  default: string | null;
  /** Never shown in full. */
  isSecret: boolean;
  description: string;
}

function setting<T>(
  group: Setting<T>['group'],
  parser: parse.Parser<T>,
  defaultText: string | null,
  description: string,
  isSecret = false,
): Setting<T> {
  return { group, parse: parser, default: defaultText, isSecret, description };
}

const databaseUrl: parse.Parser<string> = (value) =>
  value === 'embedded' ? value : parse.postgresUrl(value);

/** Every setting that Docket reads, in the order in which it is documented. */
export const SETTINGS = {
  PROFILE: setting(
    'Server',
    parse.oneOf('development', 'staging', 'production'),
    'development',
    'What the process is run for. `production` and `staging` refuse to start without `SECRET_KEY`, an https `PUBLIC_URL` and an explicit `DATABASE_URL`.',
  ),
  HOST: setting(
    'Server',
    parse.text(1),
    '127.0.0.1',
    'Address to listen on. `0.0.0.0` listens on every interface; do that behind a proxy that ends TLS.',
  ),
  PORT: setting(
    'Server',
    parse.integer(0, 65_535),
    '3000',
    'Port to listen on. `0` picks a free one.',
  ),
  PUBLIC_URL: setting(
    'Server',
    parse.origin,
    null,
    'Origin under which people reach the server. Default: `http://localhost:PORT`. With https, cookies are `Secure` and carry the `__Host-` prefix.',
  ),
  DATA_DIR: setting(
    'Server',
    parse.text(1),
    null,
    'Directory of the embedded database and of generated secrets. Default: `data` in the project folder; as root `/var/lib/docket`.',
  ),

  DATABASE_URL: setting(
    'Database',
    databaseUrl,
    null,
    'PostgreSQL 15 or later, with TLS options as in libpq URLs; or the word `embedded`, which is also the default.',
    true,
  ),
  DATABASE_DIRECT_URL: setting(
    'Database',
    parse.postgresUrl,
    null,
    'The same database without a transaction pooler in between, for LISTEN and migrations. Default: `DATABASE_URL`.',
    true,
  ),
  DATABASE_MIGRATION_URL: setting(
    'Database',
    parse.postgresUrl,
    null,
    'The same database as the role that owns the tables; applies migrations. Default: `DATABASE_DIRECT_URL`. With it, the role in `DATABASE_URL` needs data rights only.',
    true,
  ),
  DATABASE_POOL_MAX: setting(
    'Database',
    parse.integer(1, 1000),
    '25',
    'Most connections that the process opens to serve requests; one more listens for changes, and up to three run jobs.',
  ),
  DATABASE_POOL_MIN: setting(
    'Database',
    parse.integer(0, 1000),
    '5',
    'Idle connections that are kept open.',
  ),
  DATABASE_POOL_MAX_LIFETIME: setting(
    'Database',
    parse.durationMs,
    '5m',
    'A connection older than this is replaced.',
  ),
  DATABASE_POOL_TIMEOUT: setting(
    'Database',
    parse.durationMs,
    '5s',
    'How long a request waits for a connection before it is answered with 503.',
  ),
  DATABASE_STATEMENT_TIMEOUT: setting(
    'Database',
    parse.durationMs,
    '10s',
    'How long a statement may run before the database cancels it.',
  ),
  DATABASE_PREPARED: setting(
    'Database',
    parse.onOff,
    'on',
    'Named prepared statements. `off` for transaction poolers that cannot carry them (PgBouncer before 1.21).',
  ),

  REDIS_URL: setting(
    'Redis',
    parse.redisUrl,
    null,
    "Redis that several processes share limits and remembered sessions through, such as `redis://:password@host:6379/0`, with TLS `rediss://`. Without it, or while it is away, the database and each process's memory do the same.",
    true,
  ),

  SECRET_KEY: setting(
    'Security',
    parse.text(32),
    null,
    'Encrypts and signs what must be useless without it: token keys, refresh tokens, cursors. At least 32 characters, the same on every replica. In development it is made once and kept in `DATA_DIR`.',
    true,
  ),
  REGISTRATION: setting(
    'Security',
    parse.oneOf('open', 'uniform', 'closed'),
    'open',
    'Whether anybody may register. `uniform` answers alike whether or not an address has an account, which its owner then hears by mail.',
  ),
  REQUIRE_VERIFIED_EMAIL: setting(
    'Security',
    parse.onOff,
    'off',
    'Whether signing in needs an address verified by the link mailed to it.',
  ),
  CORS_ORIGINS: setting(
    'Security',
    parse.list(parse.origin),
    '',
    'Origins of other sites whose pages may call the API, separated by commas.',
  ),
  COOKIE_SAMESITE: setting(
    'Security',
    parse.oneOf('strict', 'lax', 'none'),
    'strict',
    '`SameSite` of the refresh cookie. `none` is needed by a front end on another site, together with `CORS_ORIGINS` and an https `PUBLIC_URL`.',
  ),
  TRUSTED_PROXIES: setting(
    'Security',
    parse.list(parse.network),
    '',
    'Addresses and networks of the proxies in front, separated by commas. Only they are believed about the client address in `X-Forwarded-For`.',
  ),
  BETTER_AUTH_SECRET: setting(
    'Security',
    sharedSecret,
    null,
    'The secret of another front end whose HS256 tokens the compatibility APIs take, at least 32 random bytes. Whoever has it can act as any of the users of that front end.',
    true,
  ),
  BETTER_AUTH_JWKS_URL: setting(
    'Security',
    keySetUrl,
    null,
    'Where the public keys of that front end are, for tokens with an asymmetric algorithm, such as `https://app.example.org/api/auth/jwks`. Set `FOREIGN_ISSUER` and `FOREIGN_AUDIENCE` too where the keys sign for others as well.',
  ),
  FOREIGN_ISSUER: setting(
    'Security',
    parse.text(1),
    null,
    'The `iss` that tokens of the other front end must have. Default: any.',
  ),
  FOREIGN_AUDIENCE: setting(
    'Security',
    parse.text(1),
    null,
    'The `aud` that tokens of the other front end must have. Default: any.',
  ),
  FOREIGN_MAX_AGE: setting(
    'Security',
    parse.durationMs,
    '15m',
    'How long tokens of the other front end may be good for; longer ones are refused.',
  ),
  FOREIGN_PROVISIONING: setting(
    'Security',
    parse.onOff,
    'on',
    'Whether somebody whom the other front end vouches for gets an account at the first request. `off` refuses whoever has none.',
  ),

  GOOGLE_CLIENT_ID: setting(
    'Providers',
    provider.credential,
    null,
    'The client id that Google gave you. With the secret, people can sign in with Google.',
  ),
  GOOGLE_CLIENT_SECRET: setting(
    'Providers',
    provider.credential,
    null,
    'The secret that goes with it.',
    true,
  ),
  GITHUB_CLIENT_ID: setting(
    'Providers',
    provider.credential,
    null,
    'The client id that GitHub gave you. With the secret, people can sign in with GitHub.',
  ),
  GITHUB_CLIENT_SECRET: setting(
    'Providers',
    provider.credential,
    null,
    'The secret that goes with it.',
    true,
  ),
  GITHUB_URL: setting(
    'Providers',
    provider.githubOrigin,
    'https://github.com',
    'Origin of a GitHub Enterprise Server, where that is meant.',
  ),
  MICROSOFT_CLIENT_ID: setting(
    'Providers',
    provider.credential,
    null,
    'The client id that Microsoft gave you. With the secret, people can sign in with Microsoft.',
  ),
  MICROSOFT_CLIENT_SECRET: setting(
    'Providers',
    provider.credential,
    null,
    'The secret that goes with it.',
    true,
  ),
  MICROSOFT_TENANT: setting(
    'Providers',
    provider.tenant,
    'common',
    'Whose people may sign in: the id of a tenant, whose word about addresses is then believed, or `common`, `organizations` or `consumers`.',
  ),
  OIDC_ISSUER: setting(
    'Providers',
    provider.issuerUrl,
    null,
    'Any other OpenID provider, as it names itself in `/.well-known/openid-configuration`. With `OIDC_CLIENT_ID`, people can sign in with it.',
  ),
  OIDC_CLIENT_ID: setting(
    'Providers',
    provider.credential,
    null,
    'The client id at that provider.',
  ),
  OIDC_CLIENT_SECRET: setting(
    'Providers',
    provider.credential,
    null,
    'The secret that goes with it. Default: none, as for a public client.',
    true,
  ),
  OIDC_LABEL: setting(
    'Providers',
    provider.label,
    'single sign-on',
    'What its button says after "Continue with".',
  ),
  OIDC_ICON: setting(
    'Providers',
    provider.iconFile,
    null,
    'Path of an .svg or .png file of at most 16 kB for its button. Default: a plain key.',
  ),
  RATE_LIMIT_DEFAULT: setting(
    'Limits',
    parse.rate,
    '100/1m',
    'Requests of one address without a valid token.',
  ),
  RATE_LIMIT_AUTH: setting(
    'Limits',
    parse.rate,
    '5/1m',
    'Requests of one address to the sign-in routes, and attempts to sign in to one account.',
  ),
  RATE_LIMIT_USER: setting('Limits', parse.rate, '600/1m', 'Requests of one signed-in user.'),
  RATE_LIMIT_MAIL: setting(
    'Limits',
    parse.rate,
    '5/1h',
    'Mails to one address that anybody may ask for, such as those for a new password.',
  ),

  SMTP_URL: setting(
    'Mail',
    parse.smtpUrl,
    null,
    'Mail server, such as `smtp://user:password@host:587`. Without it mails are not sent: the log names recipient and subject, and in development `/dev/mailbox` shows them.',
    true,
  ),
  MAIL_FROM: setting(
    'Mail',
    parse.mailbox,
    null,
    'Sender of every mail. Default: `Docket <docket@HOST>` with the host of `PUBLIC_URL`.',
  ),

  LOG_LEVEL: setting(
    'Observability',
    parse.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    null,
    'How much is logged, as JSON lines on standard output. Default: `info`; on a terminal `warn`.',
  ),
  METRICS_TOKEN: setting(
    'Observability',
    parse.text(16),
    null,
    'Bearer token that `/metrics` asks for. Without it `/metrics` answers requests from the machine itself only.',
    true,
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
