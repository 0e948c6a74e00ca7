import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, TEST_PASSWORD } from '../harness/accounts.ts';
import { type Served, startServed } from '../harness/replicas.ts';

let served: Served;
let owner: pg.Client;

beforeAll(async () => {
  served = await startServed({ RATE_LIMIT_AUTH: 'off' });
  owner = new pg.Client(served.database.owner);
  await owner.connect();
});

afterAll(async () => {
  await owner?.end();
  await served?.stop();
});

/** Runs a client against the server; what it finds wrong is the failure. */
async function runClient(name: string, ...args: string[]): Promise<void> {
  const script = join(import.meta.dirname, 'clients', `${name}.mjs`);
  const child = spawn(process.execPath, [script, served.url, ...args], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const [code] = await once(child, 'close');
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
}

async function signIn() {
  const account = await addAccount(owner);
  const answer = await fetch(`${served.url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account.email, password: TEST_PASSWORD }),
  });
  const { access_token: accessToken } = (await answer.json()) as { access_token: string };
  return { ...account, accessToken };
}

test('a program for one person’s tasks works with a token of this server', async () => {
  const ada = await signIn();
  await runClient('user-tasks', ada.accessToken, ada.id);
});

test('the page of the task manager registers, signs in by form, and works by bearer token', async () => {
  await runClient('flat-tasks', 'flora@example.org');
});
