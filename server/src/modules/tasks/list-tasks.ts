import type { UserActor } from '../../auth/actor.ts';
import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import type { Work } from '../../context.ts';
import { invalidField } from '../../errors.ts';
import { listTasks as listRows, RANGE_NAMES, type RangeName } from './task-list.repository.ts';
import { SORTED_TITLE_LENGTH, sortKeys, type TaskSort } from './task-sort.ts';
import type { TaskRow, TaskStatus } from './tasks.repository.ts';

const MAX_WORDS = 10;
const DEFAULT_LIMIT = 50;

type ListInput = {
  status?: TaskStatus;
  completed?: boolean;
  q?: string;
  deleted?: boolean;
  sort?: TaskSort;
  limit?: number;
  cursor?: string;
} & { [Name in RangeName]?: string };

/**
 * A page of the actor's tasks. A cursor is good for the same person, filters and sort; the number
 * of tasks a page may change on the way.
 * @throws request.invalid
 */
export async function listTasks(
  ctx: Work,
  actor: UserActor,
  input: ListInput,
): Promise<Page<TaskRow>> {
  const { limit = DEFAULT_LIMIT, cursor, sort = 'default' } = input;
  const words = wordsOf(input.q);
  const range = rangeOf(input);
  const scope = scopeOf(actor, input, sort);
  const rows = await listRows(ctx.db, {
    userId: actor.userId,
    isTrash: input.deleted ?? false,
    sort,
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
    words,
    range,
    ...(input.status !== undefined && { status: input.status }),
    ...(input.completed !== undefined && { isOpen: !input.completed }),
    ...(cursor !== undefined && { after: decodeCursor(ctx.keys.cursor, scope, cursor) }),
  });
  return pageOf(ctx.keys.cursor, scope, rows, limit, (task) => positionOf(task, sort));
}

function wordsOf(q: string | undefined): string[] {
  const words = q?.split(/\s+/u).filter((word) => word !== '') ?? [];
  if (words.length > MAX_WORDS) throw invalidField('/q', `must have at most ${MAX_WORDS} words`);
  return words;
}

function rangeOf(input: ListInput): Partial<Record<RangeName, string>> {
  const range: Partial<Record<RangeName, string>> = {};
  for (const name of RANGE_NAMES) {
    const bound = input[name];
    if (bound !== undefined) range[name] = bound;
  }
  return range;
}

/** Everything that a position in the list depends on, in one text. */
function scopeOf(actor: UserActor, input: ListInput, sort: TaskSort): string {
  const ranges = RANGE_NAMES.map((name) => input[name] ?? null);
  const { status = null, completed = null, q = '', deleted = false } = input;
  return JSON.stringify(['tasks', actor.userId, sort, status, completed, q, deleted, ...ranges]);
}

function positionOf(task: TaskRow, sort: TaskSort): (string | number | boolean)[] {
  return sortKeys(sort).map((key) => {
    if (key === 'is_open') return task.status !== 'completed';
    return key === 'title' ? [...task.title].slice(0, SORTED_TITLE_LENGTH).join('') : task[key];
  });
}
