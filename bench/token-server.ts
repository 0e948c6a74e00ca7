/**
 * Docket with two routes that do nothing, one for everybody and one for signed-in users: their
 * difference is the token check. While `/bench/revocation/off` was asked last, it believes every
 * genuine token, whatever has become of session and account: the difference is the price of
 * revocation. One process does both, since two of the same program differ by more than that.
 */
import { buildApp } from '../server/src/app.ts';
import { foundationOf, openDatabase, readConfig } from '../server/src/commands/foundation.ts';
import { createContext } from '../server/src/context.ts';

const { config, log } = readConfig('stdout');
const database = await openDatabase(config, log, 'command');
const ctx = createContext(foundationOf(config, log, database));
await ctx.start();
const app = await buildApp(ctx);
const schema = {
  hide: true,
  response: { 200: { type: 'object', properties: { ok: { type: 'boolean' } } } },
};
app.get('/bench/open', { schema, config: { access: 'public' } }, async () => ({ ok: true }));
app.get('/bench/signed-in', { schema, config: { access: 'account:read' } }, async () => ({
  ok: true,
}));
const check = ctx.sessionStates.check.bind(ctx.sessionStates);
const ways = { on: check, off: () => undefined };
for (const [way, checkOrNot] of Object.entries(ways)) {
  app.get(`/bench/revocation/${way}`, { schema, config: { access: 'public' } }, async () => {
    ctx.sessionStates.check = checkOrNot;
    return { ok: true };
  });
}
await app.listen({ host: config.host, port: config.port });
