import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type pg from 'pg';

/** Where a database is: a libpq URL, or the parts. */
export type ConnectionSource = string | pg.ClientConfig;

export interface ConnectionOptions {
  config: pg.ClientConfig;
  /** Go on without TLS where the server has none (`sslmode=prefer`, libpq's default). */
  isTlsOptional: boolean;
}

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const DEFAULT_PORT = 5432;
const DEFAULT_SOCKET_DIR = '/var/run/postgresql';

/**
 * Reads a connection URL with the meaning that libpq gives to its options, which is not what `pg`
 * makes of them: https://www.postgresql.org/docs/current/libpq-ssl.html
 * Unlike libpq, `verify-full` without `sslrootcert` trusts the public authorities, `allow` counts
 * as `prefer`, and options that have no meaning here are passed over.
 * @throws Error with a sentence that names the option, never the URL, since that holds a password
 */
export function connectionOptions(source: ConnectionSource): ConnectionOptions {
  if (typeof source !== 'string') return { config: source, isTlsOptional: false };
  const url = parseUrl(source);
  const option = (name: string) => url.searchParams.get(name) || undefined;
  const user = decodeURIComponent(url.username) || option('user');
  const password = decodeURIComponent(url.password) || option('password');
  const host = hostOf(url);
  const isSocket = host.startsWith('/');
  const mode = sslModeOf(option('sslmode'), isSocket);
  const config: pg.ClientConfig = {
    host,
    port: Number(url.port || option('port') || DEFAULT_PORT),
    database: decodeURIComponent(url.pathname.slice(1)) || option('dbname') || user,
    ssl: isSocket || mode === 'disable' ? false : tlsOptions(mode, option),
    ...(user && { user }),
    ...(password && { password }),
    ...sessionOptions(option),
  };
  return { config, isTlsOptional: !isSocket && (mode === 'prefer' || mode === 'allow') };
}

function sessionOptions(option: (name: string) => string | undefined): pg.ClientConfig {
  return {
    ...(option('options') && { options: option('options') }),
    ...(option('application_name') && { application_name: option('application_name') }),
    ...(option('sslnegotiation') === 'direct' && { sslnegotiation: 'direct' as const }),
    ...(/^(prefer|require)$/.test(option('channel_binding') ?? '') && {
      enableChannelBinding: true,
    }),
  };
}

/** The URL standard wants a host after a user name; libpq takes `user@/db?host=/dir` as well. */
function parseUrl(source: string): URL {
  const text = URL.canParse(source) ? source : source.replace('@/', '@localhost/');
  if (!URL.canParse(text)) throw new Error('The database URL is malformed');
  return new URL(text);
}

/** A Unix socket directory is written as `?host=/dir` or percent-encoded in the place of the host. */
function hostOf(url: URL): string {
  const named = url.searchParams.get('host');
  const host = named || decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1');
  return host || DEFAULT_SOCKET_DIR;
}

function sslModeOf(text: string | undefined, isSocket: boolean): SslMode {
  if (text === undefined) return isSocket ? 'disable' : 'prefer';
  const mode = SSL_MODES.find((candidate) => candidate === text);
  if (mode === undefined) {
    throw new Error(`sslmode in the database URL must be one of ${SSL_MODES.join(', ')}`);
  }
  return mode;
}

function tlsOptions(
  mode: SslMode,
  option: (name: string) => string | undefined,
): NonNullable<pg.ClientConfig['ssl']> {
  const rootPath = option('sslrootcert');
  const isPublicRoot = rootPath === 'system';
  // libpq: with a root certificate, `require` checks the chain as `verify-ca` does.
  const isChainChecked =
    mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && Boolean(rootPath));
  if (mode === 'verify-ca' && (!rootPath || isPublicRoot)) {
    throw new Error('sslmode=verify-ca in the database URL needs sslrootcert: the CA to trust');
  }
  // libpq refuses weaker modes with the public authorities, since anybody has a certificate of theirs.
  const isHostChecked = mode === 'verify-full' || isPublicRoot;
  const options: TlsOptions = {
    rejectUnauthorized: isChainChecked,
    ...(rootPath && !isPublicRoot && { ca: readCertificate('sslrootcert', rootPath) }),
    ...readPair(option('sslcert'), option('sslkey')),
    ...(!isHostChecked && { checkServerIdentity: () => undefined }),
  };
  return options;
}

function readPair(cert: string | undefined, key: string | undefined): TlsOptions {
  return {
    ...(cert && { cert: readCertificate('sslcert', cert) }),
    ...(key && { key: readCertificate('sslkey', key) }),
  };
}

function readCertificate(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${name} in the database URL: the file ${path} cannot be read (${reason})`);
  }
}
