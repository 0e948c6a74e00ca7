import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { connectClient } from '../src/platform/postgres/client.ts';
import { connectionOptions } from '../src/platform/postgres/connection-options.ts';
import { startEmbeddedPostgres } from '../src/platform/postgres/embedded/embedded-postgres.ts';
import { migrate } from '../src/platform/postgres/migrations.ts';

/** The server that all test files share; each makes databases of its own from `template`. */
export interface TestServer {
  owner: ClientConfig;
  serving: ClientConfig;
  template: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

interface RunningServer {
  owner: ClientConfig;
  serving: ClientConfig;
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL for the whole run and migrates the template. `DOCKET_TEST_DATABASE_URL`
 * names another server instead, by a role that may create roles and databases.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env.DOCKET_TEST_DATABASE_URL;
  const server = url ? await useServer(url) : await startServer();
  try {
    const template = `docket_template_${randomBytes(4).toString('hex')}`;
    await createTemplate(server, template);
    const { owner, serving } = server;
    project.provide('testServer', { owner, serving, template });
    return async () => {
      await dropDatabase(owner, template);
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function startServer(): Promise<RunningServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'docket-tests-'));
  const log = (level: string, message: string) => {
    if (level !== 'info') console.error(message);
  };
  const postgres = await startEmbeddedPostgres({ dataDir, log, role: 'server' });
  return {
    owner: postgres.owner,
    serving: postgres.serving,
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function useServer(url: string): Promise<RunningServer> {
  const { config, isTlsOptional } = connectionOptions(url);
  // The parts, unlike the URL, cannot say "where the server has it".
  const owner = isTlsOptional ? { ...config, ssl: false } : config;
  const user = `docket_test_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(16).toString('hex');
  const client = await connectClient(owner);
  await client.query(`CREATE ROLE ${user} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await client.end();
  return {
    owner,
    serving: { ...owner, user, password },
    async stop() {
      const cleaner = await connectClient(owner);
      await cleaner.query(`DROP ROLE ${user}`);
      await cleaner.end();
    },
  };
}

async function createTemplate(server: RunningServer, template: string): Promise<void> {
  const client = await connectClient(server.owner);
  await client.query(`CREATE DATABASE ${template}`);
  await client.end();
  await migrate({
    ownerConnection: { ...server.owner, database: template },
    servingRole: server.serving.user ?? null,
    log: () => {},
  });
}

async function dropDatabase(owner: ClientConfig, name: string): Promise<void> {
  const client = await connectClient(owner);
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.end();
}
