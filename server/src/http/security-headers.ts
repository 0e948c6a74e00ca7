import type { FastifyReply } from 'fastify';
import type { Config } from '../config/config.ts';

/** Two years, as the preload list of browsers asks for. */
const HSTS = 'max-age=63072000; includeSubDomains';

/** The page loads scripts, styles, pictures and data from this origin, and nothing inline. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";
const PERMISSIONS_POLICY = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** The headers that tell a browser what an answer may do. */
export interface SecurityHeaders {
  /** For data: it may do nothing. */
  api: Record<string, string>;
  /** For the web application. */
  page: Record<string, string>;
}

/** HSTS is sent where people come by https, never over plain http, where browsers ignore it. */
export function securityHeaders(publicUrl: string, profile: Config['profile']): SecurityHeaders {
  const isHttps = publicUrl.startsWith('https:') && profile !== 'development';
  const common: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    ...(isHttps && { 'strict-transport-security': HSTS }),
  };
  return {
    api: { ...common, 'content-security-policy': API_POLICY, 'cache-control': 'no-store' },
    page: {
      ...common,
      'content-security-policy': PAGE_POLICY,
      'referrer-policy': 'no-referrer',
      'permissions-policy': PERMISSIONS_POLICY,
      'cross-origin-opener-policy': 'same-origin',
    },
  };
}

/** Sets each header, over what was set before. */
export function setHeaders(reply: FastifyReply, headers: Record<string, string>): void {
  for (const name in headers) reply.header(name, headers[name]);
}
