import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { deriveKeys } from '../server/src/config/secrets.ts';
import { verifyAuditLog } from '../server/src/modules/audit/verify-audit-log.ts';
import { Database } from '../server/src/platform/postgres/database.ts';
import { startEmbeddedPostgres } from '../server/src/platform/postgres/embedded/embedded-postgres.ts';
import { migrate } from '../server/src/platform/postgres/migrations.ts';

/** How long the audit log takes to be verified: `node bench/audit-log.ts [events]`. */
const COUNT = Number(process.argv[2] ?? 1_000_000);
const FILL_BATCH = 50_000;

/** As sign-ins write them: one side row for each. */
const FILL = `
  WITH events AS (
    INSERT INTO audit_events (actor_kind, actor_id, action, target_kind, target_id, user_id,
      request_id, changes, origin_digest)
    SELECT 'user', id, 'session.started', 'session', gen_random_uuid(), id, gen_random_uuid(),
      '{"method": "password"}', sha256('salt' || convert_to(data::text, 'UTF8'))
    FROM (SELECT gen_random_uuid() AS id, $2::jsonb AS data FROM generate_series(1, $1::int)) AS given
    RETURNING position, user_id
  )
  INSERT INTO audit_personal (position, part, user_id, salt, data)
  SELECT position, 'origin', user_id, 'salt', $2 FROM events`;
const ORIGIN = JSON.stringify({
  address: '192.0.2.1',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
});

const dataDir = mkdtempSync(join(tmpdir(), 'docket-bench-'));
const cluster = await startEmbeddedPostgres({ dataDir, role: 'server', log: () => undefined });
try {
  await migrate({
    ownerConnection: { ...cluster.owner },
    servingRole: cluster.serving.user,
    log: () => undefined,
  });
  const owner = new pg.Client({ ...cluster.owner });
  await owner.connect();
  const fillMs = await timed(async () => {
    for (let done = 0; done < COUNT; done += FILL_BATCH) {
      await owner.query(FILL, [Math.min(FILL_BATCH, COUNT - done), ORIGIN]);
    }
  });
  await owner.query('vacuum analyze');
  await owner.end();
  console.log(`${COUNT} events written in ${seconds(fillMs)} s`);
  await measure();
} finally {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const db = new Database({
    connection: { ...cluster.serving },
    poolMax: 1,
    poolMin: 0,
    maxLifetimeSeconds: 0,
    acquireTimeoutMs: 5000,
    statementTimeoutMs: 30_000,
    prepared: true,
    maxWaiting: 1,
    onError: () => undefined,
  });
  let checked = 0;
  const ms = await timed(async () => {
    const verdict = await verifyAuditLog({ db, keys: deriveKeys('bench') });
    if (verdict.fault) throw new Error(`event ${verdict.fault.position} does not fit`);
    checked = verdict.checked;
  });
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(`${checked} verified in ${seconds(ms)} s, ${memory} MiB`);
  await db.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
