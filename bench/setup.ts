import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Permission } from '../server/src/auth/permissions.ts';
import { uuidV7 } from '../server/src/auth/uuid.ts';
import { loadConfig } from '../server/src/config/config.ts';
import { createContext } from '../server/src/context.ts';
import { newTaskId } from '../server/src/modules/tasks/task-id.ts';
import { createLog } from '../server/src/platform/log.ts';
import { startEmbeddedPostgres } from '../server/src/platform/postgres/embedded/embedded-postgres.ts';
import type { ConnectionTarget } from '../server/src/platform/postgres/embedded/roles.ts';
import { migrate } from '../server/src/platform/postgres/migrations.ts';

const ROOT = join(import.meta.dirname, '..');
const SECRET_KEY = 'a secret key for measurements, long enough';
/** High enough never to refuse, so that counting is paid for as it is in production. */
const GENEROUS = '9999999/1s';

/** A user to send requests as, with one of their tasks. */
export interface BenchUser {
  id: string;
  taskId: number;
  accessToken: string;
}

/** A database with tasks in it, for servers under measurement. */
export interface Bench {
  users: BenchUser[];
  owner: pg.Client;
  /** Starts a script with Docket's settings or arguments, and waits for its port. */
  start(script: string, args?: string[], settings?: Record<string, string>): Promise<Server>;
  servingUrl: string;
  close(): Promise<void>;
}

export interface Server {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Prepares `userCount` users with `tasksPerUser` tasks each; tokens for the first `tokenCount`. */
export async function prepare(
  userCount: number,
  tasksPerUser: number,
  tokenCount: number,
): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const cluster = await startEmbeddedPostgres({ dataDir, role: 'server', log: () => undefined });
  await migrate({
    ownerConnection: { ...cluster.owner },
    servingRole: cluster.serving.user,
    log: () => undefined,
  });
  const owner = new pg.Client({ ...cluster.owner });
  await owner.connect();
  await fill(owner, userCount, tasksPerUser);
  const publicPort = await freePort();
  const settings = {
    PROFILE: 'development',
    PUBLIC_URL: `http://localhost:${publicPort}`,
    DATABASE_URL: urlOf(cluster.serving),
    DATABASE_MIGRATION_URL: urlOf(cluster.owner),
    SECRET_KEY,
    RATE_LIMIT_DEFAULT: GENEROUS,
    RATE_LIMIT_AUTH: GENEROUS,
    RATE_LIMIT_USER: GENEROUS,
    RATE_LIMIT_MAIL: GENEROUS,
    LOG_LEVEL: 'info',
  };
  const users = await signIn(cluster.serving, owner, settings.PUBLIC_URL, tokenCount);
  return {
    users,
    owner,
    servingUrl: settings.DATABASE_URL,
    start: (script, args = [], extra = {}) => startServer(script, args, { ...settings, ...extra }),
    async close() {
      await owner.end();
      await cluster.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function fill(owner: pg.Client, userCount: number, tasksPerUser: number): Promise<void> {
  const ids = Array.from({ length: userCount }, () => uuidV7());
  await owner.query(
    `insert into users (id, email, email_canonical)
     select id, id || '@example.org', id || '@example.org' from unnest($1::uuid[]) as id`,
    [ids],
  );
  await owner.query("insert into user_roles (user_id, role_name) select id, 'user' from users");
  const batch = Math.max(1, Math.floor(50_000 / tasksPerUser));
  for (let start = 0; start < userCount; start += batch) {
    await addTasks(owner, ids.slice(start, start + batch), tasksPerUser);
  }
  await owner.query('vacuum analyze');
}

/** Gives each user `count` more tasks, a third of them completed. */
export async function addTasks(owner: pg.Client, userIds: string[], count: number): Promise<void> {
  await owner.query(
    `insert into tasks (user_id, id, title, description, status, completed_at, created_at, updated_at)
     select u, $2::bigint + n, 'Task ' || n || ' ' || md5(n::text), 'Something to remember about ' || n,
       case n % 3 when 0 then 'completed' when 1 then 'pending' else 'in_progress' end,
       case n % 3 when 0 then now() end, t, t
     from unnest($1::uuid[]) as u, generate_series(1, $3::int) as n,
       lateral (select now() - make_interval(mins => n) as t) as times`,
    [userIds, newTaskId(), count],
  );
}

async function signIn(
  serving: ConnectionTarget,
  owner: pg.Client,
  publicUrl: string,
  count: number,
): Promise<BenchUser[]> {
  const ctx = createContext({
    config: loadConfig(new Map()),
    log: createLog('silent'),
    publicUrl,
    secretKey: SECRET_KEY,
    connection: { ...serving },
    directConnection: { ...serving },
  });
  await ctx.start();
  const { rows } = await owner.query(
    `select user_id, max(id)::float8 as task_id from tasks group by user_id order by user_id limit $1`,
    [count],
  );
  const users: BenchUser[] = [];
  for (const { user_id: id, task_id: taskId } of rows) {
    const sessionId = uuidV7();
    await owner.query(
      `insert into sessions (user_id, id, idle_expires_at, absolute_expires_at)
       values ($1, $2, now() + interval '1 day', now() + interval '1 day')`,
      [id, sessionId],
    );
    const permissions: Permission[] = ['account:read', 'tasks:read', 'tasks:write'];
    const claims = {
      userId: id,
      sessionId,
      authVersion: 1,
      authenticatedAtSeconds: 0,
      permissions,
    };
    users.push({ id, taskId, accessToken: await ctx.accessTokens.issue(claims) });
  }
  await ctx.close();
  return users;
}

async function startServer(
  script: string,
  args: string[],
  settings: Record<string, string>,
): Promise<Server> {
  const port = await freePort();
  const withPort = args.map((arg) => (arg === '{port}' ? String(port) : arg));
  const child = spawn(process.execPath, [join(ROOT, script), ...withPort], {
    env: { ...process.env, ...settings, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await waitForPort(port, child);
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/nothing`).catch(() => null);
    if (answer) return;
    await delay(25);
  }
  throw new Error('the server did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function urlOf({ host, port, user, database }: ConnectionTarget): string {
  return `postgresql://${user}@${encodeURIComponent(host)}:${port}/${database}`;
}
