import type { Actor } from '../../auth/actor.ts';
import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import { isUuid } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
import type { JobCount, JobRow, JobState } from './jobs.repository.ts';
import * as repository from './jobs.repository.ts';

const DEFAULT_LIMIT = 50;
const COUNTS_AGE_MS = 15_000;

interface ListInput {
  state?: JobState;
  queue?: string;
  limit?: number;
  cursor?: string;
}

/** A page of background jobs, newest first, without their payloads. @throws request.invalid */
export async function listJobs(ctx: Work, _actor: Actor, input: ListInput): Promise<Page<JobRow>> {
  const { state, queue, limit = DEFAULT_LIMIT, cursor } = input;
  const scope = JSON.stringify(['jobs', state ?? null, queue ?? null]);
  const rows = await repository.listJobs(ctx.db, {
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
    ...(state !== undefined && { state }),
    ...(queue !== undefined && { queue }),
    ...(cursor !== undefined && {
      after: positionOf(decodeCursor(ctx.keys.cursor, scope, cursor)),
    }),
  });
  return pageOf(ctx.keys.cursor, scope, rows, limit, (row) => [row.created_at, row.id]);
}

/**
 * Lets a job that has failed for good be tried once more.
 * @throws job.not_found, job.not_failed
 */
export async function retryJob(ctx: Context, actor: Actor, id: string): Promise<void> {
  if (!isUuid(id)) throw new AppError('job.not_found');
  await ctx.db.transaction(async (db) => {
    if (!(await repository.retryJob(db, id))) {
      throw new AppError((await repository.hasJob(db, id)) ? 'job.not_failed' : 'job.not_found');
    }
    const target = { kind: 'job' as const, id: id.toLowerCase() };
    await recordEvent(db, actor, { action: 'job.retried', target, userId: null });
  });
}

/**
 * A reader of the numbers of jobs for the metrics: it asks the database at most every 15 seconds,
 * and answers what it last knew while the database is away.
 */
export function jobCounts(db: Queryable): () => Promise<JobCount[]> {
  let counts: JobCount[] = [];
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = performance.now();
    if (nowMs - askedAtMs < COUNTS_AGE_MS) return counts;
    askedAtMs = nowMs;
    counts = await repository.countJobs(db).catch(() => counts);
    return counts;
  };
}

function positionOf([createdAt, id]: (string | number | boolean)[]) {
  return { createdAt: String(createdAt), id: String(id) };
}
