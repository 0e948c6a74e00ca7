import { createHash } from 'node:crypto';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import * as repository from './idempotency.repository.ts';

/** A key is good for a day, as the API promises. */
const LIFE_HOURS = 24;
const PURGE_BATCH = 1000;
const RETRY_AFTER_SECONDS = 1;

/** An answer in the form in which it can be given again. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Does the work of a request once for its key: the change and the record of its answer are one
 * transaction, so a process that dies leaves both or neither. Refusals are not recorded.
 * @throws idempotency.mismatch for the same key with another request; idempotency.in_progress
 */
export async function answerOnce(
  ctx: Context,
  scope: repository.IdempotencyScope,
  request: unknown,
  work: (ctx: Work) => Promise<Answer>,
): Promise<Answer & { isReplayed: boolean }> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify(request ?? null))
    .digest();
  return ctx.db.transaction(async (tx) => {
    if (!(await repository.tryLockKey(tx, scope))) {
      throw new AppError('idempotency.in_progress', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    const stored = await repository.findAnswer(tx, scope, LIFE_HOURS);
    if (stored) {
      if (!stored.request_hash.equals(requestHash)) throw new AppError('idempotency.mismatch');
      return { ...stored, isReplayed: true };
    }
    const answer = await work({ ...ctx, db: tx });
    const headers = JSON.stringify(answer.headers);
    await repository.insertAnswer(tx, { ...scope, ...answer, headers, requestHash });
    return { ...answer, isReplayed: false };
  });
}

/** Deletes records whose day is over; answers how many. */
export async function purgeAnswers(ctx: Context): Promise<number> {
  return repository.deleteOldAnswers(ctx.db, LIFE_HOURS, PURGE_BATCH);
}
