import { ConfigError } from './config-error.ts';
import { type RawSetting, type RawSettings, settingValue } from './env.ts';
import type { ForeignTokenSettings } from './foreign-tokens.ts';
import type { Rate } from './parsers.ts';
import type { ProviderSettings } from './providers.ts';
import { SETTINGS, type SettingName } from './settings.ts';

export type DatabaseTarget =
  | { kind: 'embedded' }
  | { kind: 'external'; url: string; directUrl: string; migrationUrl: string };

export interface Config {
  profile: 'development' | 'staging' | 'production';
  host: string;
  /** 0 until the socket is bound to a free port. */
  port: number;
  /** Origin as people type it; null: `http://localhost:<bound port>`. */
  publicUrl: string | null;
  /** null: decided by the platform's rule when it is needed. */
  dataDir: string | null;
  database: {
    target: DatabaseTarget;
    poolMax: number;
    poolMin: number;
    poolMaxLifetimeMs: number;
    poolTimeoutMs: number;
    statementTimeoutMs: number;
    isPrepared: boolean;
  };
  /** null: limits and what is remembered stay with the database and each process. */
  redis: { url: string } | null;
  /** null: made once and kept in the data directory (development only). */
  secretKey: string | null;
  registration: 'open' | 'uniform' | 'closed';
  isVerifiedEmailRequired: boolean;
  corsOrigins: string[];
  cookieSameSite: 'strict' | 'lax' | 'none';
  trustedProxies: string[];
  /** null: only tokens of our own are taken. */
  foreignTokens: ForeignTokenSettings | null;
  /** With whom people can sign in, in the order of their buttons. */
  providers: ProviderSettings[];
  rateLimits: {
    perAddress: Rate | null;
    perAddressSignIn: Rate | null;
    perUser: Rate | null;
    perMailRecipient: Rate | null;
  };
  /** `from` null: `docket` at the host of the public URL. */
  mail: { smtpUrl: string | null; from: { name: string | null; address: string } | null };
  /** null: decided by where the log goes. */
  logLevel: null | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  metricsToken: string | null;
}

type Parsed = { [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['parse']> | null };

/**
 * Validates raw settings and decides everything that depends on several of them.
 * @throws ConfigError with every problem found, each naming its setting
 */
export function loadConfig(raw: RawSettings): Config {
  const problems: string[] = [];
  const parsed = Object.fromEntries(
    Object.keys(SETTINGS).map((name) => [name, parseOne(name as SettingName, raw, problems)]),
  ) as Parsed;
  if (problems.length === 0) problems.push(...profileGaps(parsed), ...contradictions(parsed));
  if (problems.length > 0) throw new ConfigError(problems);
  return assemble(parsed);
}

/** Where each setting's value comes from, with secrets masked; for `docket config-check`. */
export function describeSettings(
  raw: RawSettings,
): { name: string; value: string; source: string }[] {
  return Object.entries(SETTINGS).map(([name, setting]) => {
    const found = raw.get(name);
    if (!found) return { name, value: setting.default ?? '', source: 'default' };
    const { value, source } = settingValue(found);
    return { name, value: setting.isSecret ? '********' : value, source };
  });
}

function parseOne(name: SettingName, raw: RawSettings, problems: string[]): unknown {
  const setting = SETTINGS[name];
  const found: RawSetting | undefined = raw.get(name);
  try {
    const text = found ? settingValue(found).value : setting.default;
    return text === null ? null : setting.parse(text);
  } catch (error) {
    if (error instanceof ConfigError) problems.push(...error.problems);
    else problems.push(`${name} ${(error as Error).message}`);
    return null;
  }
}

const LIMITS = [
  'RATE_LIMIT_DEFAULT',
  'RATE_LIMIT_AUTH',
  'RATE_LIMIT_USER',
  'RATE_LIMIT_MAIL',
] as const;

/** What a profile that others depend on must not leave open. */
function* profileGaps(s: Parsed): Generator<string> {
  if (s.PROFILE === 'development') return;
  if (!s.SECRET_KEY)
    yield `PROFILE=${s.PROFILE} needs SECRET_KEY: make one with "openssl rand -base64 48"`;
  if (!isHttps(s))
    yield `PROFILE=${s.PROFILE} needs PUBLIC_URL with https, such as https://tasks.example.org`;
  if (!s.DATABASE_URL)
    yield `PROFILE=${s.PROFILE} needs DATABASE_URL: a PostgreSQL URL, or the word embedded`;
  for (const limit of LIMITS) {
    if (s[limit] === null) yield `${limit}=off is for development; set a rate such as 100/1m`;
  }
}

function isHttps(s: Parsed): boolean {
  return s.PUBLIC_URL?.startsWith('https:') ?? false;
}

function* contradictions(s: Parsed): Generator<string> {
  if (s.COOKIE_SAMESITE === 'none' && !isHttps(s)) {
    yield 'COOKIE_SAMESITE=none needs an https PUBLIC_URL, since browsers drop such cookies otherwise';
  }
  if (s.BETTER_AUTH_SECRET !== null && s.BETTER_AUTH_SECRET === s.SECRET_KEY) {
    yield 'BETTER_AUTH_SECRET must differ from SECRET_KEY, which no other server may know';
  }
  const hasForeignKeys = s.BETTER_AUTH_SECRET !== null || s.BETTER_AUTH_JWKS_URL !== null;
  if (!hasForeignKeys && (s.FOREIGN_ISSUER !== null || s.FOREIGN_AUDIENCE !== null)) {
    yield 'FOREIGN_ISSUER and FOREIGN_AUDIENCE need BETTER_AUTH_SECRET or BETTER_AUTH_JWKS_URL';
  }
  yield* halfProviders(s);
  const isEmbedded = !s.DATABASE_URL || s.DATABASE_URL === 'embedded';
  if (isEmbedded && (s.DATABASE_DIRECT_URL || s.DATABASE_MIGRATION_URL)) {
    yield 'DATABASE_DIRECT_URL and DATABASE_MIGRATION_URL need DATABASE_URL to be a PostgreSQL URL';
  }
  if ((s.DATABASE_POOL_MIN ?? 0) > (s.DATABASE_POOL_MAX ?? 0)) {
    yield 'DATABASE_POOL_MIN must not be greater than DATABASE_POOL_MAX';
  }
}

function* halfProviders(s: Parsed): Generator<string> {
  const pairs: [SettingName, SettingName][] = [
    ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
    ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
    ['MICROSOFT_CLIENT_ID', 'MICROSOFT_CLIENT_SECRET'],
    ['OIDC_ISSUER', 'OIDC_CLIENT_ID'],
  ];
  for (const [one, other] of pairs) {
    if (s[one] !== null && s[other] === null) yield `${one} needs ${other}`;
    if (s[one] === null && s[other] !== null) yield `${other} needs ${one}`;
  }
  // The secret of an OpenID provider may be missing, but does not go without the rest.
  const hasSecretAlone = s.OIDC_CLIENT_SECRET !== null && !s.OIDC_ISSUER && !s.OIDC_CLIENT_ID;
  if (hasSecretAlone) yield 'OIDC_CLIENT_SECRET needs OIDC_ISSUER';
}

function assemble(s: Parsed): Config {
  // Settings with a default are never null here; the fallback only satisfies the type.
  const required = <T>(value: T | null): T => value as T;
  return {
    profile: required(s.PROFILE),
    host: required(s.HOST),
    port: required(s.PORT),
    publicUrl: s.PUBLIC_URL,
    dataDir: s.DATA_DIR,
    database: {
      target: databaseTarget(s),
      poolMax: required(s.DATABASE_POOL_MAX),
      poolMin: required(s.DATABASE_POOL_MIN),
      poolMaxLifetimeMs: required(s.DATABASE_POOL_MAX_LIFETIME),
      poolTimeoutMs: required(s.DATABASE_POOL_TIMEOUT),
      statementTimeoutMs: required(s.DATABASE_STATEMENT_TIMEOUT),
      isPrepared: required(s.DATABASE_PREPARED),
    },
    redis: s.REDIS_URL === null ? null : { url: s.REDIS_URL },
    secretKey: s.SECRET_KEY,
    registration: required(s.REGISTRATION),
    isVerifiedEmailRequired: required(s.REQUIRE_VERIFIED_EMAIL),
    corsOrigins: required(s.CORS_ORIGINS),
    cookieSameSite: required(s.COOKIE_SAMESITE),
    trustedProxies: required(s.TRUSTED_PROXIES),
    foreignTokens: foreignTokens(s),
    providers: [...providers(s)],
    rateLimits: {
      perAddress: s.RATE_LIMIT_DEFAULT,
      perAddressSignIn: s.RATE_LIMIT_AUTH,
      perUser: s.RATE_LIMIT_USER,
      perMailRecipient: s.RATE_LIMIT_MAIL,
    },
    mail: { smtpUrl: s.SMTP_URL, from: s.MAIL_FROM },
    logLevel: s.LOG_LEVEL,
    metricsToken: s.METRICS_TOKEN,
  };
}

function foreignTokens(s: Parsed): ForeignTokenSettings | null {
  if (s.BETTER_AUTH_SECRET === null && s.BETTER_AUTH_JWKS_URL === null) return null;
  return {
    secret: s.BETTER_AUTH_SECRET,
    jwksUrl: s.BETTER_AUTH_JWKS_URL,
    issuer: s.FOREIGN_ISSUER,
    audience: s.FOREIGN_AUDIENCE,
    maxAgeSeconds: Math.floor((s.FOREIGN_MAX_AGE ?? 0) / 1000),
    isProvisioning: s.FOREIGN_PROVISIONING ?? false,
  };
}

function* providers(s: Parsed): Generator<ProviderSettings> {
  const clientOf = (clientId: string | null, clientSecret: string | null) =>
    clientId !== null && clientSecret !== null ? { clientId, clientSecret } : null;
  const google = clientOf(s.GOOGLE_CLIENT_ID, s.GOOGLE_CLIENT_SECRET);
  if (google) yield { name: 'google', ...google };
  const github = clientOf(s.GITHUB_CLIENT_ID, s.GITHUB_CLIENT_SECRET);
  if (github && s.GITHUB_URL) yield { name: 'github', ...github, url: s.GITHUB_URL };
  const microsoft = clientOf(s.MICROSOFT_CLIENT_ID, s.MICROSOFT_CLIENT_SECRET);
  if (microsoft && s.MICROSOFT_TENANT) {
    yield { name: 'microsoft', ...microsoft, tenant: s.MICROSOFT_TENANT };
  }
  if (s.OIDC_ISSUER !== null && s.OIDC_CLIENT_ID !== null) {
    yield {
      name: 'oidc',
      clientId: s.OIDC_CLIENT_ID,
      clientSecret: s.OIDC_CLIENT_SECRET,
      issuer: s.OIDC_ISSUER,
      label: s.OIDC_LABEL ?? '',
      iconUrl: s.OIDC_ICON,
    };
  }
}

function databaseTarget(s: Parsed): DatabaseTarget {
  if (!s.DATABASE_URL || s.DATABASE_URL === 'embedded') return { kind: 'embedded' };
  const directUrl = s.DATABASE_DIRECT_URL ?? s.DATABASE_URL;
  const migrationUrl = s.DATABASE_MIGRATION_URL ?? directUrl;
  return { kind: 'external', url: s.DATABASE_URL, directUrl, migrationUrl };
}
