import { sql } from 'kysely';
import type { Actor } from '../server/src/auth/actor.ts';
import { uuidV7 } from '../server/src/auth/uuid.ts';
import { recordEvent } from '../server/src/modules/audit/audit.service.ts';
import { Database } from '../server/src/platform/postgres/database.ts';
import { defineStatement } from '../server/src/platform/postgres/statement.ts';
import type { LoadResult } from './load.ts';

const CONNECTIONS = 32;

const rename = defineStatement<{ id: string; name: string }>(
  'bench.rename',
  (p) => sql`update users set name = ${p.name} where id = ${p.id}::uuid`,
);

/** A small transaction, such as a person's new name, with and without its event in the audit log. */
interface AuditedAct {
  run(isAudited: boolean, seconds: number): Promise<LoadResult>;
  close(): Promise<void>;
}

/** Prepares acts of users, each of them over a connection of its own. */
export function auditedAct(servingUrl: string, userIds: string[]): AuditedAct {
  const db = new Database({
    connection: servingUrl,
    poolMax: CONNECTIONS,
    poolMin: CONNECTIONS,
    maxLifetimeSeconds: 0,
    acquireTimeoutMs: 5000,
    statementTimeoutMs: 30_000,
    prepared: true,
    maxWaiting: CONNECTIONS,
    onError: () => undefined,
  });

  const act = async (id: string, isAudited: boolean) => {
    await db.transaction(async (tx) => {
      await tx.execute(rename({ id, name: `Ada ${performance.now()}` }));
      if (!isAudited) return;
      await recordEvent(tx, actorOf(id), {
        action: 'user.updated',
        target: { kind: 'user', id },
        userId: id,
        changes: { fields: ['name'] },
      });
    });
  };

  return {
    async run(isAudited, seconds) {
      const endAt = performance.now() + seconds * 1000;
      const timesMs: number[] = [];
      const work = async (first: number) => {
        for (let n = first; performance.now() < endAt; n += CONNECTIONS) {
          const startedAt = performance.now();
          await act(userIds[n % userIds.length] ?? '', isAudited);
          timesMs.push(performance.now() - startedAt);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => work(first)));
      const sorted = Float64Array.from(timesMs).sort();
      const p95Ms = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
      return { rps: timesMs.length / seconds, p95Ms: Math.round(p95Ms * 10) / 10 };
    },
    close: () => db.close(),
  };
}

function actorOf(userId: string): Actor {
  const origin = { requestId: uuidV7(), address: '192.0.2.1', userAgent: 'bench' };
  return {
    kind: 'user',
    userId,
    sessionId: userId,
    authenticatedAtSeconds: 0,
    permissions: new Set(),
    origin,
  };
}
