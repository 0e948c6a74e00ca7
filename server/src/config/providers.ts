import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { isLoopbackHost, type Parser } from './parsers.ts';

/** Somebody else with whom people sign in, as configured. */
export type ProviderSettings =
  | { name: 'google'; clientId: string; clientSecret: string }
  | {
      name: 'github';
      clientId: string;
      clientSecret: string;
      /** Origin of github.com or of a GitHub Enterprise Server. */
      url: string;
    }
  | {
      name: 'microsoft';
      clientId: string;
      clientSecret: string;
      /** A tenant's id or domain, or `common`, `organizations`, `consumers`. */
      tenant: string;
    }
  | {
      name: 'oidc';
      clientId: string;
      /** null: a public client, which PKCE alone protects. */
      clientSecret: string | null;
      issuer: string;
      label: string;
      /** A picture as `data:` URL; null: a plain key. */
      iconUrl: string | null;
    };

export type ProviderName = ProviderSettings['name'];

const ICON_TYPES: Record<string, string> = { '.svg': 'image/svg+xml', '.png': 'image/png' };
const MAX_ICON_BYTES = 16 * 1024;
const MAX_LABEL_LENGTH = 30;

/** What stands on a button. */
export const label: Parser<string> = (text) => {
  if (text.trim() === '' || text.length > MAX_LABEL_LENGTH) {
    throw new Error(`must have 1 to ${MAX_LABEL_LENGTH} characters`);
  }
  return text.trim();
};

/** A small picture in a file, as `data:` URL. */
export const iconFile: Parser<string> = (path) => {
  const type = ICON_TYPES[extname(path).toLowerCase()];
  if (!type) throw new Error('must be the path of an .svg or .png file');
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(`names a file that cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (bytes.length === 0 || bytes.length > MAX_ICON_BYTES) {
    throw new Error(`must be a picture of at most ${MAX_ICON_BYTES / 1024} kB`);
  }
  return `data:${type};base64,${bytes.toString('base64')}`;
};

/** The issuer of an OpenID provider exactly as it names itself, by https but for this machine. */
export const issuerUrl: Parser<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!url || !isSafe || url.username || url.password || url.search || url.hash) {
    throw new Error('must be an https URL such as https://login.example.org');
  }
  return text;
};

/** The part of Microsoft's addresses that says whose people may sign in. */
export const tenant: Parser<string> = (text) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(text)) {
    throw new Error('must be the id or the domain of a tenant, common, organizations or consumers');
  }
  return text;
};
