import type { AnonymousActor, SessionActor } from '../../auth/actor.ts';
import { isUuid, uuidV7 } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { announceChange, requireOpenSession } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { requireWayToSignIn } from '../identities/own-identities.service.ts';
import { holdRoles } from '../roles/roles.service.ts';
import { idForMovedTask } from '../tasks/tasks.service.ts';
import {
  deleteUserWithin,
  KEEP_DELETED_DAYS,
  restoreUserWithin,
} from '../users/deletion.service.ts';
import { requireFresh } from '../users/fresh-sign-in.service.ts';
import { enqueueNotice, type Notice } from '../users/notices.service.ts';
import * as repository from './account-merges.repository.ts';
import { consumeOffer, viewOffer } from './merge-offers.service.ts';
import * as things from './moved-things.repository.ts';

export type { MergeRow } from './account-merges.repository.ts';

/** Somebody may take the id that a task was to get, just before it does. */
const MAX_ATTEMPTS = 3;
const ID_CONSTRAINTS = ['tasks_pkey', 'account_merge_tasks_pkey'];
/** Whatever was under way when the accounts were merged has ended by then. */
const LATE_SECONDS = 30;

/**
 * Merges the account that an offer is about into the actor's: its tasks and connected accounts come
 * over, it is deleted, and the actor's stays as it is otherwise, roles and profile included.
 * @throws fresh_sign_in.required, merge.offer_invalid, user.last_administrator, session.invalid
 */
export async function mergeAccounts(
  ctx: Context,
  actor: SessionActor,
  { token, password }: { token: string; password?: string | undefined },
): Promise<repository.MergeRow> {
  await requireFresh(ctx, actor, password);
  const { merged_user_id: mergedUserId } = await viewOffer(ctx, actor, token);
  const move = { userId: actor.userId, mergeId: uuidV7(), mergedUserId };
  return withFreeIds(() =>
    ctx.db.transaction(async (db) => {
      const work = { ...ctx, db };
      // Nobody makes the other account the last administrator's between the question and the deletion.
      await holdRoles(db, mergedUserId, []);
      await repository.holdAccounts(db, move);
      await requireOpenSession(db, actor);
      await consumeOffer(work, actor, token);
      return mergeWithin(work, actor, move);
    }),
  );
}

/** The actor's merges that can be undone, the latest first. */
export function listMerges(ctx: Work, actor: SessionActor): Promise<repository.MergeRow[]> {
  return repository.listMerges(ctx.db, actor.userId, KEEP_DELETED_DAYS);
}

/**
 * Takes a merge back: what came and is still there returns as it is now, and the other account is
 * restored, unless an administrator has done that already. Where somebody uses it since, identities stay:
 * whoever it belongs to has seen by which one signs in to it, and it may be the actor who does not.
 * @throws fresh_sign_in.required, merge.not_found, user.email_taken,
 * provider.last_sign_in_method, session.invalid
 */
export async function undoMerge(
  ctx: Context,
  actor: SessionActor,
  id: string,
  password?: string,
): Promise<void> {
  await requireFresh(ctx, actor, password);
  const key = { userId: actor.userId, id };
  // A malformed id is answered exactly as an absent one.
  const merge = isUuid(id) ? await repository.findMerge(ctx.db, key, KEEP_DELETED_DAYS) : undefined;
  if (!merge) throw new AppError('merge.not_found');
  const move = { userId: actor.userId, mergeId: id, mergedUserId: merge.merged_user_id };
  await withFreeIds(() =>
    ctx.db.transaction(async (db) => {
      await repository.holdAccounts(db, move);
      await requireOpenSession(db, actor);
      const undone = await repository.markUndone(db, key, KEEP_DELETED_DAYS);
      if (!undone) throw new AppError('merge.not_found');
      const work = { ...ctx, db };
      if (undone.is_deleted) await restoreUserWithin(work, actor, move.mergedUserId, null);
      await returnWithin(work, actor, move, !undone.is_in_use);
    }),
  );
}

/**
 * Brings tasks over that requests of the merged account stored after all, which were under way when it
 * was merged.
 */
export async function bringLateTasks(
  ctx: Context,
  { user_id: userId, merge_id: mergeId }: { user_id: string; merge_id: string },
): Promise<void> {
  const key = { userId, id: mergeId };
  const merge = await repository.findMerge(ctx.db, key, KEEP_DELETED_DAYS);
  if (!merge) return;
  const move = { userId, mergeId, mergedUserId: merge.merged_user_id };
  await withFreeIds(() =>
    ctx.db.transaction(async (db) => {
      await repository.holdAccounts(db, move);
      // Where it has been restored, its tasks are its own.
      if (!(await repository.isStanding(db, key))) return;
      const count = await things.bringTasks(db, move, idForMovedTask());
      if (count > 0) await repository.addTaskCount(db, key, count);
    }),
  );
}

async function mergeWithin(
  work: Work,
  actor: SessionActor,
  move: things.Move,
): Promise<repository.MergeRow> {
  const { db } = work;
  const { userId, mergeId, mergedUserId } = move;
  const key = { userId, id: mergeId };
  await repository.insertMerge(db, { ...key, mergedUserId });
  const tasks = await things.bringTasks(db, move, idForMovedTask());
  await repository.addTaskCount(db, key, tasks);
  const identities = await things.bringIdentities(db, move);
  await deleteUserWithin(work, actor, mergedUserId, { notice: null, endReason: 'revoked' });
  await work.jobs.enqueue(
    db,
    'account_merges.bring_late_tasks',
    { user_id: userId, merge_id: mergeId },
    { startAfterSeconds: LATE_SECONDS },
  );
  await tellBoth(work, actor, move, 'account_merged', { tasks, identities });
  const merge = await repository.findMerge(db, key, KEEP_DELETED_DAYS);
  if (!merge) throw new Error('the merge was not stored');
  return merge;
}

async function returnWithin(
  work: Work,
  actor: SessionActor,
  move: things.Move,
  withIdentities: boolean,
): Promise<void> {
  const { db } = work;
  const tasks = await things.returnTasks(db, move, idForMovedTask());
  const identities = withIdentities ? await things.returnIdentities(db, move) : 0;
  if (identities > 0) {
    await requireWayToSignIn(work, move.userId);
    // Replicas remember whose they were.
    await announceChange(db, 'user', move.userId);
  }
  await tellBoth(work, actor, move, 'account_merge_undone', { tasks, identities });
}

/** The events that both people find in their activity, who are one, and the mails to both addresses. */
async function tellBoth(
  work: Work,
  actor: SessionActor,
  { userId, mergedUserId }: things.Move,
  notice: Extract<Notice, 'account_merged' | 'account_merge_undone'>,
  changes: { tasks: number; identities: number },
): Promise<void> {
  const action = notice === 'account_merged' ? 'user.merged' : 'user.merge_undone';
  const target = { kind: 'user' as const, id: mergedUserId };
  // They have shown that the other account is theirs, so its mail says where that came from too.
  const anybody: AnonymousActor = { kind: 'anonymous', origin: actor.origin };
  await enqueueNotice(work, actor, userId, notice);
  await enqueueNotice(work, anybody, mergedUserId, notice);
  for (const id of [userId, mergedUserId]) {
    await recordEvent(work.db, actor, { action, target, userId: id, changes });
  }
}

async function withFreeIds<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      const isTaken = ID_CONSTRAINTS.includes(constraintOf(error) ?? '');
      if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
