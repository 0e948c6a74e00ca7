import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/harness/database.ts';
import { DOCKET, databaseUrl } from '../../test/harness/docket.ts';
import { freePort } from '../../test/harness/postgres-server.ts';
import { until } from '../../test/harness/until.ts';

test('a sign-in provider that is away is in the log before anybody comes, and keeps no server from starting', async () => {
  const database = await createTestDatabase();
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [DOCKET, 'serve', '--no-jobs'], {
    env: {
      PATH: '/usr/bin:/bin',
      PORT: '0',
      SECRET_KEY: 'a secret for providers, long enough',
      DATABASE_URL: databaseUrl(database.serving),
      DATABASE_MIGRATION_URL: databaseUrl(database.owner),
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'docket',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    const lineAbout = () => out.split('\n').find((line) => line.includes('the sign-in provider'));
    await until(() => out.includes('is ready after') && lineAbout() !== undefined, 20_000);
    expect(JSON.parse(lineAbout() ?? '')).toMatchObject({
      level: 'warn',
      msg: 'the sign-in provider cannot be used',
      provider: 'oidc',
      issuer,
      reason: 'ECONNREFUSED',
    });
    expect(child.exitCode).toBeNull();
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    await database.drop();
  }
});
