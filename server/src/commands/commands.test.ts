import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { DOCKET, databaseUrl, runDocket } from '../../test/harness/docket.ts';
import { migrate } from '../platform/postgres/migrations.ts';
import { openapiDocument } from './openapi.ts';

const SECRET = 'a secret for commands, long enough!';
const dataDir = mkdtempSync(join(tmpdir(), 'docket-commands-'));
let database: TestDatabase;
let empty: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  empty = await createTestDatabase({ isEmpty: true });
});

afterAll(async () => {
  await database?.drop();
  await empty?.drop();
  rmSync(dataDir, { recursive: true });
});

function docket(args: string[], settings: Record<string, string> = {}) {
  return runDocket(args, { DATA_DIR: dataDir, SECRET_KEY: SECRET, ...settings });
}

test('help names every command; an unknown one is 2 with the help', async () => {
  const help = await docket(['--help']);
  expect(help.code).toBe(0);
  for (const name of [
    'serve',
    'migrate',
    'config-check',
    'healthcheck',
    'keys-replace',
    'openapi',
  ]) {
    expect(help.out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  }
  const unknown = await docket(['destroy']);
  expect([unknown.code, unknown.out]).toEqual([2, '']);
  expect(unknown.err).toContain('There is no command "destroy".');
});

test.each([[['serve']], [['keys-replace']], [['admin']], [['admin', 'create']]])(
  '--help explains a command and does not run it: %j',
  async (args) => {
    // Nowhere to connect to: if it ran, it would fail.
    const settings = { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/d' };
    const answer = await docket([...args, '--help'], settings);
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(answer.out.startsWith(`docket ${args.join(' ')}`)).toBe(true);
  },
);

test('arguments that a command does not know are 2 with how it is called, and change nothing', async () => {
  const settings = { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/d' };
  for (const args of [
    ['keys-replace', 'now'],
    ['config-check', '-v'],
    ['admin', 'create', 'ada'],
  ]) {
    const answer = await docket(args, settings);
    expect(answer, args.join(' ')).toMatchObject({ code: 2, out: '' });
    expect(answer.err).toContain(`Usage: docket ${args.slice(0, -1).join(' ')}`);
  }
});

test('a reader who has enough, such as head, is no error', async () => {
  const child = spawn(process.execPath, [DOCKET, 'openapi'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  expect([code, err]).toEqual([0, '']);
});

test('what every object has is no command', async () => {
  expect((await docket(['constructor'])).code).toBe(2);
});

test('config-check prints the effective configuration without secrets, or every problem', async () => {
  const good = await docket(['config-check'], {
    PORT: '4000',
    DATABASE_URL: 'postgresql://u:pa55@h/d',
  });
  expect(good.code).toBe(0);
  expect(good.out).toMatch(/^PORT +4000 +environment$/m);
  expect(good.out).not.toMatch(/pa55|a secret for commands/);
  const bad = await docket(['config-check'], { PORT: 'x', REGISTRATION: 'x' });
  expect([bad.code, bad.out]).toEqual([1, '']);
  expect(bad.err).toMatch(/PORT must be.*\n.*REGISTRATION must be/);
  expect(bad.err).not.toMatch(/at .*\.ts/);
});

test('migrate brings an empty database up to date, says so, and does nothing the second time', async () => {
  const settings = { DATABASE_URL: databaseUrl(empty.owner) };
  const before = await docket(['migrate', '--status'], settings);
  expect(before.out).toMatch(/^0001 create-users +not applied$/m);
  const first = await docket(['migrate'], { ...settings, LOG_LEVEL: 'info' });
  expect(first.err).toMatch(/^\{"level":"info"/);
  expect([first.code, first.out]).toEqual([0, expect.stringMatching(/^\d+ migrations done\n$/)]);
  expect((await docket(['migrate'], settings)).out).toContain('Nothing to do');
  expect((await docket(['migrate', '--status'], settings)).out).not.toContain('not applied');
  expect((await docket(['migrate', '--to', '0'], settings)).code).toBe(0);
  expect((await docket(['migrate', '--to', 'x'], settings)).code).toBe(1);
});

test('keys-replace makes a new signing key and retires the old', async () => {
  await migrate({ ownerConnection: database.owner, servingRole: null, log: () => undefined });
  const settings = { DATABASE_URL: databaseUrl(database.serving) };
  expect((await docket(['keys-replace'], settings)).out).toContain('retired 0');
  const second = await docket(['keys-replace'], {
    ...settings,
    SECRET_KEY: `${SECRET} after a loss`,
  });
  expect([second.code, second.out]).toEqual([0, expect.stringContaining('retired 1')]);
});

test('a database that cannot be reached is one sentence and 1', async () => {
  const answer = await docket(['migrate'], {
    DATABASE_URL: 'postgresql://u:pa55word@127.0.0.1:1/d',
  });
  expect(answer.code).toBe(1);
  expect(answer.err).not.toContain('pa55word');
});

test('healthcheck is 0 where /ready answers 200, else 1 with the reason', async () => {
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ready' ? status : 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const PORT = String((server.address() as AddressInfo).port);
  expect(await docket(['healthcheck'], { PORT, HOST: '0.0.0.0' })).toMatchObject({
    code: 0,
    out: 'ready\n',
  });
  status = 503;
  expect(await docket(['healthcheck'], { PORT })).toMatchObject({
    code: 1,
    err: expect.stringContaining('answered 503'),
  });
  server.close();
  await once(server, 'close');
  expect(await docket(['healthcheck'], { PORT })).toMatchObject({
    code: 1,
    err: expect.stringContaining('No answer from'),
  });
});

test('openapi prints the description of the API and nothing else', async () => {
  expect((await docket(['openapi'])).out).toBe(await openapiDocument());
});
