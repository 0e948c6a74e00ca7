import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, TEST_PASSWORD } from '../harness/accounts.ts';
import { databaseUrl, runDocket } from '../harness/docket.ts';
import { type Served, startServed } from '../harness/replicas.ts';

/** What another front end signs its tokens with. */
const SHARED_SECRET = 'Vq3mZt8Rk1Wc6Yd0Hs9Lp4Nx7Bf2Gj5A';

let served: Served;
let owner: pg.Client;

beforeAll(async () => {
  served = await startServed({ BETTER_AUTH_SECRET: SHARED_SECRET, RATE_LIMIT_AUTH: 'off' });
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
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  return { ...account, accessToken, cookie };
}

function foreignToken(subject: string, expiry = '10m'): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuedAt(expiry.startsWith('-') ? '-10m' : undefined)
    .setExpirationTime(expiry)
    .sign(new TextEncoder().encode(SHARED_SECRET));
}

test('the page of the todo application works by its cookie', async () => {
  const ada = await signIn();
  await runClient('todos', ada.cookie);
});

test('a program for one person’s tasks works with a token of this server', async () => {
  const ada = await signIn();
  await runClient('user-tasks', ada.accessToken, ada.id);
});

test('and with one of another front end, under the id that the person has there', async () => {
  const subject = 'aB3x9Qw7-user';
  await runClient('user-tasks', await foreignToken(subject), subject);
});

test('the page of the task manager registers, signs in by form, and works by bearer token', async () => {
  await runClient('flat-tasks', 'flora@example.org');
});

test('a program on the backend foundation works with tokens signed with the shared secret', async () => {
  const subject = 'f0e1d2c3';
  const [valid, expired] = [await foreignToken(subject), await foreignToken(subject, '-1m')];
  await runClient('foundation', valid, expired, subject);
});

test('tasks imported under the ids of another front end are there with its first token', async () => {
  const subject = 'moved-over';
  const settings = {
    DATABASE_URL: databaseUrl(served.database.serving),
    SECRET_KEY: 'a secret key for one command, long enough',
  };
  const file = `[{"id":1,"user_id":"${subject}","title":"Brought along","completed":true}]`;
  const { code } = await runDocket(['import', 'tasks', '-', '--foreign'], settings, file);
  expect(code).toBe(0);
  const answer = await fetch(`${served.url}/api/${subject}/tasks`, {
    headers: { authorization: `Bearer ${await foreignToken(subject)}` },
  });
  expect(await answer.json()).toMatchObject([
    { title: 'Brought along', user_id: subject, completed: true },
  ]);
});
