import type { FastifyInstance, RouteOptions } from 'fastify';

/** Routes of this prefix come from a library that knows nothing of access; they only show documentation. */
const DOCUMENTATION_PREFIX = '/api/docs';

/** The address that `@fastify/cors` answers preflight requests at. */
const isPreflight = ({ method, url }: RouteOptions) => method === 'OPTIONS' && url === '*';

/** Lets the server start only when every route says who may call it. */
export function requireDeclaredAccess(app: FastifyInstance): void {
  const undeclared: string[] = [];
  app.addHook('onRoute', (route) => {
    if (isDocumentation(route) || isPreflight(route))
      route.config = { ...route.config, access: 'public', rateLimit: 'none' };
    if (!route.config?.access) undeclared.push(`${route.method} ${route.url}`);
  });
  app.addHook('onReady', (done) => {
    const isComplete = undeclared.length === 0;
    done(isComplete ? undefined : new Error(`No access is declared for ${undeclared.join(', ')}`));
  });
}

function isDocumentation(route: RouteOptions): boolean {
  return route.url === DOCUMENTATION_PREFIX || route.url.startsWith(`${DOCUMENTATION_PREFIX}/`);
}
