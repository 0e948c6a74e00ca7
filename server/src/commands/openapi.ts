import { buildApp } from '../app.ts';
import { loadConfig } from '../config/config.ts';
import { createContext } from '../context.ts';
import { apiDescription } from '../http/openapi.ts';
import { createLog } from '../platform/log.ts';
import type { Command } from './command.ts';

export const openapi: Command = {
  summary: 'Print the description of the API (OpenAPI 3.1)',
  async run() {
    process.stdout.write(await openapiDocument());
  },
};

/** The description as text, the same on every machine; needs no database. */
export async function openapiDocument(): Promise<string> {
  const config = loadConfig(new Map());
  // Never started, so none of this is ever used.
  const ctx = createContext({
    config,
    log: createLog('silent'),
    publicUrl: 'http://localhost',
    secretKey: 'not used, since nothing is served',
    connection: {},
    directConnection: {},
  });
  const app = await buildApp(ctx);
  await app.ready();
  const text = `${JSON.stringify(apiDescription(app), null, 2)}\n`;
  await app.close();
  await ctx.close();
  return text;
}
