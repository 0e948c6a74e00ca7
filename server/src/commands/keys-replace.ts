import { deriveKeys } from '../config/secrets.ts';
import { openDatabase as openPool } from '../context.ts';
import { replaceSigningKeys } from '../modules/signing-keys/signing-keys.service.ts';
import type { Command } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';

export const keysReplace: Command = {
  summary: 'Make new signing keys at once: access tokens issued so far end',
  async run() {
    const { config, log } = readConfig();
    const database = await openDatabase(config, log, 'command');
    try {
      const foundation = foundationOf(config, log, database);
      const db = openPool(foundation);
      const keys = deriveKeys(foundation.secretKey);
      const count = await replaceSigningKeys(db, keys.signingKeyEncryption);
      await db.close();
      process.stdout.write(
        `Made a new signing key; retired ${count}. Restart servers that run, to make them use it.\n`,
      );
    } finally {
      await database.close();
    }
  },
};
