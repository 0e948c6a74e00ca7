import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { isLoopbackHost, origin, type Parser } from './parsers.ts';

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

const PNG_NAME = Buffer.from('PNG');
const ICON_TYPES: Record<string, { type: string; isOne(bytes: Buffer): boolean }> = {
  '.svg': { type: 'image/svg+xml', isOne: (bytes) => bytes.includes('<svg') },
  '.png': { type: 'image/png', isOne: (bytes) => bytes.subarray(1, 4).equals(PNG_NAME) },
};
const MAX_ICON_BYTES = 16 * 1024;
const MAX_LABEL_LENGTH = 30;

/** An id or a secret as a provider gave it: pasted ones often have a blank or a line's end with them. */
export const credential: Parser<string> = (text) => {
  if (!/^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(text)) {
    throw new Error('must be plain text in one line, without blanks around it');
  }
  return text;
};

/** What stands on a button. */
export const label: Parser<string> = (text) => {
  const words = text.trim();
  if (words === '' || words.length > MAX_LABEL_LENGTH || /\p{Cc}/u.test(words)) {
    throw new Error(`must have 1 to ${MAX_LABEL_LENGTH} characters, in one line`);
  }
  return words;
};

/** A small picture in a file, as `data:` URL. */
export const iconFile: Parser<string> = (path) => {
  const kind = ICON_TYPES[extname(path).toLowerCase()];
  if (!kind) throw new Error('must be the path of an .svg or .png file');
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(`names a file that cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (bytes.length > MAX_ICON_BYTES || !kind.isOne(bytes)) {
    throw new Error(`must be a picture of at most ${MAX_ICON_BYTES / 1024} kB, as its name says`);
  }
  return `data:${kind.type};base64,${bytes.toString('base64')}`;
};

/** The issuer of an OpenID provider exactly as it names itself, by https but for this machine. */
export const issuerUrl: Parser<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url && !/\s/.test(text) && !(url.username || url.password || url.search || url.hash);
  if (!isPlain || !isSafe(url)) {
    throw new Error('must be an https URL such as https://login.example.org');
  }
  if (url.pathname.includes('/.well-known/')) {
    throw new Error('must be the issuer itself, without /.well-known/openid-configuration');
  }
  return text;
};

/** The origin of a GitHub, by https but for this machine. */
export const githubOrigin: Parser<string> = (text) => {
  const found = origin(text);
  if (!isSafe(new URL(found))) throw new Error('must be an https origin');
  return found;
};

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}

/** The part of Microsoft's addresses that says whose people may sign in. */
export const tenant: Parser<string> = (text) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(text)) {
    throw new Error('must be the id or the domain of a tenant, common, organizations or consumers');
  }
  return text;
};
