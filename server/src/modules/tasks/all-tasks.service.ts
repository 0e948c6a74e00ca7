import type { UserActor } from '../../auth/actor.ts';
import type { Work } from '../../context.ts';
import * as repository from './all-tasks.repository.ts';
import type { TaskRow, TaskStatus } from './tasks.repository.ts';
import { countTasks } from './tasks.service.ts';

interface SliceInput {
  status?: TaskStatus;
  completed?: boolean;
  offset?: number;
  /** Left out: to the end. */
  limit?: number;
}

/** Part of a list, and how long the whole of it is. */
export interface TaskSlice {
  tasks: TaskRow[];
  total: number;
}

/**
 * Tasks of the actor outside the trash by their place in the list, open ones first, then newest
 * first. Only where neither beginning nor end of the list is in sight its length costs a question of
 * its own.
 */
export async function listTaskSlice(
  ctx: Work,
  actor: UserActor,
  input: SliceInput,
): Promise<TaskSlice> {
  const { status, completed, offset = 0, limit } = input;
  if (status !== undefined && completed !== undefined) {
    // Status says more: completion either agrees with it or leaves nothing.
    if (completed !== (status === 'completed')) return { tasks: [], total: 0 };
  }
  const rows = await repository.listTaskSlice(ctx.db, {
    userId: actor.userId,
    ...(status !== undefined && { status }),
    ...(completed !== undefined && { isOpen: !completed }),
    offset,
    // One more than asked for tells whether the list ends here.
    limit: limit === undefined ? null : limit + 1,
  });
  const hasMore = limit !== undefined && rows.length > limit;
  const tasks = hasMore ? rows.slice(0, limit) : rows;
  const isEndInSight = !hasMore && (rows.length > 0 || offset === 0);
  const total = isEndInSight ? offset + rows.length : await countMatches(ctx, actor, input);
  return { tasks, total };
}

/** All tasks of the actor outside the trash, newest first. */
export function listNewestTasks(ctx: Work, actor: UserActor): Promise<TaskRow[]> {
  return repository.listNewestTasks(ctx.db, actor.userId);
}

async function countMatches(
  ctx: Work,
  actor: UserActor,
  { status, completed }: SliceInput,
): Promise<number> {
  const counts = await countTasks(ctx, actor);
  const of = (name: string) => Number((counts as Record<string, number>)[name] ?? 0);
  if (status !== undefined) return of(status);
  const open = of('pending') + of('in_progress');
  if (completed === undefined) return open + of('completed');
  return completed ? of('completed') : open;
}
