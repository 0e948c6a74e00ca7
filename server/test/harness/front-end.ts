import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';

export const FRONT_END_SECRET = 'kX3v9QpL7wZt2RbY8nHs5JdF0mCg6UaE';

interface FrontEndOptions {
  /** How copies of the session in cookies are made; by default they are tokens signed with the secret. */
  cookieCache?: 'compact' | 'jwt' | 'jwe';
  /** Signs those copies with the published keys. */
  signsCookiesWithKeys?: boolean;
  algorithm?: 'EdDSA' | 'ES256' | 'RS256';
}

/** Another front end with Better Auth, on a port of its own. */
export async function startFrontEnd(options: FrontEndOptions = {}) {
  const { cookieCache = 'jwt', signsCookiesWithKeys = false, algorithm = 'EdDSA' } = options;
  const mailed: string[] = [];
  let requests = 0;
  let handle: ReturnType<typeof toNodeHandler> | undefined;
  const server = createServer((request, response) => {
    requests += 1;
    void handle?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keep = async ({ token }: { token: string }) => void mailed.push(token);
  const auth = betterAuth({
    secret: FRONT_END_SECRET,
    baseURL: url,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
    emailAndPassword: { enabled: true, sendResetPassword: keep },
    emailVerification: { sendVerificationEmail: keep },
    user: { changeEmail: { enabled: true, sendChangeEmailConfirmation: keep } },
    session: { cookieCache: { enabled: true, strategy: cookieCache, maxAge: 300 } },
    plugins: [
      jwt({
        sessionCookieCache: signsCookiesWithKeys,
        jwks: { keyPairConfig: { alg: algorithm } },
      }),
    ],
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
  });
  handle = toNodeHandler(auth);
  return {
    url,
    jwksUrl: `${url}/api/auth/jwks`,
    /** Every token in a mailed link, in order. */
    mailed,
    /** How many requests came over the network. */
    requests: () => requests,
    /** Calls it as a browser would, by its own page. */
    async call(path: string, cookie: string, body?: object) {
      const headers = { origin: url, cookie, 'content-type': 'application/json' };
      const init = body ? { method: 'POST', body: JSON.stringify(body), headers } : { headers };
      const response = await fetch(`${url}/api/auth${path}`, init);
      if (!response.ok) throw new Error(`${path} answers ${response.status}`);
      return response;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export type FrontEnd = Awaited<ReturnType<typeof startFrontEnd>>;

/** Signs somebody up there, as a browser. */
export async function signUp(frontEnd: FrontEnd, email: string) {
  const body = { email, password: 'correct horse battery', name: 'Ada' };
  const response = await frontEnd.call('/sign-up/email', '', body);
  const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  const cookies = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
  const { token, user } = (await response.json()) as { token: string; user: { id: string } };
  return { userId: user.id, sessionToken: token, cookie: pairs.join('; '), cookies };
}
