import { admin } from './admin.ts';
import { audit } from './audit.ts';
import type { Command } from './command.ts';
import { configCheck } from './config-check.ts';
import { healthcheck } from './healthcheck.ts';
import { importData } from './import.ts';
import { keysReplace } from './keys-replace.ts';
import { migrateTables } from './migrate.ts';
import { openapi } from './openapi.ts';
import { seed } from './seed.ts';
import { serve } from './serve.ts';
import { user } from './user.ts';
import { worker } from './worker.ts';

/** Every command, by the name that calls it. */
export const COMMANDS: Record<string, Command> = {
  serve,
  worker,
  migrate: migrateTables,
  admin,
  user,
  import: importData,
  audit,
  'config-check': configCheck,
  healthcheck,
  'keys-replace': keysReplace,
  seed,
  openapi,
};
