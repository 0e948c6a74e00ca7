import type { OperatorActor } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import type { FieldError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
import * as repository from './import-tasks.repository.ts';
import { importedTaskId, parseTaskId } from './task-id.ts';
import type { TaskStatus } from './tasks.repository.ts';

const BATCH = 500;
/** How far back tasks without a time begin, where the oldest stands first. */
const OLDEST_FIRST_LEAD_MS = 86_400_000;

/** What older servers called their tasks. */
export const IMPORT_KINDS = ['todos', 'tasks'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Whose task it is, in the words of the source. */
export interface OwnerName {
  userId: string | null;
  email: string | null;
}

/** A task as another system knew it. */
export interface PastTask {
  sourceId: string;
  owner: OwnerName;
  title: string;
  description: string | null;
  status: TaskStatus;
  createdAt: string | null;
  updatedAt: string | null;
  completedAt: string | null;
}

/** A row of the file: a task, or what is wrong with it. */
export type ImportRow = { line: number } & ({ task: PastTask } | { errors: FieldError[] });

/** What became of a row. */
export type ImportOutcome =
  | { line: number; outcome: 'created' | 'unchanged' }
  | { line: number; outcome: 'rejected'; errors: FieldError[] };

export interface ImportOptions {
  kind: ImportKind;
  /** Tells apart two sources of one kind, whose ids may be the same. */
  source: string;
  /** Whole numbers stay the ids that they are. */
  areIdsKept: boolean;
  /** How tasks without a time follow each other in the file. */
  order: 'newest first' | 'oldest first';
  /** The account that a row belongs to, or what is wrong with its owner. */
  findOwner(owner: OwnerName): Promise<{ userId: string } | FieldError>;
}

/**
 * Adds tasks from elsewhere and tells what became of each row, in their order. Ids follow from the
 * source, so that a file can be imported again; what is there already stays as it is. What is told
 * has been committed.
 */
export async function* importTasks(
  ctx: Pick<Context, 'db'>,
  actor: OperatorActor,
  rows: AsyncIterable<ImportRow>,
  options: ImportOptions,
): AsyncGenerator<ImportOutcome> {
  const preparation = new Preparation(options);
  let batch: PreparedRow[] = [];
  for await (const row of rows) {
    batch.push(await preparation.prepare(row));
    if (batch.length < BATCH) continue;
    yield* await importBatch(ctx, actor, options.kind, batch);
    batch = [];
  }
  yield* await importBatch(ctx, actor, options.kind, batch);
}

type PreparedRow = { line: number } & ({ task: repository.PastTaskRow } | { errors: FieldError[] });

/** Gives each task its owner, its id and its times. */
class Preparation {
  readonly #options: ImportOptions;
  readonly #startedAtMs = Date.now();
  #count = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  async prepare(row: ImportRow): Promise<PreparedRow> {
    this.#count += 1;
    const { line } = row;
    if (!('task' in row)) return row;
    const { task } = row;
    const errors = strangeTimesOf(task);
    if (errors.length > 0) return { line, errors };
    const owner = await this.#options.findOwner(task.owner);
    if (!('userId' in owner)) return { line, errors: [owner] };
    return { line, task: this.#toRow(owner.userId, task) };
  }

  #toRow(userId: string, task: PastTask): repository.PastTaskRow {
    const { title, description, status } = task;
    const createdAt = task.createdAt ?? this.#timeOfPlace();
    const isCompleted = status === 'completed';
    return {
      userId,
      id: this.#idOf(userId, task.sourceId),
      title,
      description,
      status,
      createdAt,
      isCreatedAtKnown: task.createdAt !== null,
      updatedAt: task.updatedAt ?? (isCompleted ? task.completedAt : null) ?? createdAt,
      completedAt: isCompleted ? (task.completedAt ?? task.updatedAt ?? createdAt) : null,
    };
  }

  #idOf(userId: string, sourceId: string): number {
    const { kind, source, areIdsKept } = this.#options;
    const kept = areIdsKept ? parseTaskId(sourceId) : null;
    return kept ?? importedTaskId([kind, source, userId, sourceId]);
  }

  /** A millisecond apart, so that lists show tasks without a time in the order of the file. */
  #timeOfPlace(): string {
    const ms =
      this.#options.order === 'newest first'
        ? this.#startedAtMs - this.#count
        : this.#startedAtMs - OLDEST_FIRST_LEAD_MS + this.#count;
    return new Date(ms).toISOString();
  }
}

function strangeTimesOf(task: PastTask): FieldError[] {
  const times = [
    ['created_at', task.createdAt],
    ['updated_at', task.updatedAt],
    ['completed_at', task.completedAt],
  ] as const;
  return times.flatMap(([field, time]) =>
    time === null || isPast(time)
      ? []
      : [{ pointer: `/${field}`, detail: 'must be between 1970 and now' }],
  );
}

/** What lies before is no time of a task, and before the year 1 no time that can be shown. */
function isPast(time: string): boolean {
  const ms = Date.parse(time);
  return ms >= 0 && ms <= Date.now();
}

function importBatch(
  ctx: Pick<Context, 'db'>,
  actor: OperatorActor,
  kind: ImportKind,
  batch: PreparedRow[],
): Promise<ImportOutcome[]> {
  return ctx.db.transaction(async (tx) => {
    const tasks = batch.flatMap((row) => ('task' in row ? [row.task] : []));
    const outcomes = tasks.length > 0 ? await store(tx, tasks) : [];
    await recordImports(
      tx,
      actor,
      kind,
      tasks.filter((_, i) => outcomes[i] === 'created'),
    );
    let next = 0;
    return batch.map((row): ImportOutcome => {
      const { line } = row;
      if (!('task' in row)) return { line, outcome: 'rejected', errors: row.errors };
      const result = outcomes[next++] as StoreOutcome;
      return typeof result === 'string'
        ? { line, outcome: result }
        : { line, outcome: 'rejected', errors: [result] };
    });
  });
}

type StoreOutcome = 'created' | 'unchanged' | FieldError;

/** One outcome for each task. Of two with the same id the first is stored. */
async function store(tx: Queryable, tasks: repository.PastTaskRow[]): Promise<StoreOutcome[]> {
  const keyOf = ({ userId, id }: { userId: string; id: number }) => `${userId}/${id}`;
  const added = new Set((await repository.insertPastTasks(tx, tasks)).map(keyOf));
  const isFirst = tasks.map((task) => added.delete(keyOf(task)));
  if (isFirst.every(Boolean)) return tasks.map(() => 'created');
  const twins = new Map<number, repository.StoredTwin>();
  for (const twin of await repository.compareWithStored(tx, tasks)) twins.set(twin.place, twin);
  return tasks.map((_, place) => (isFirst[place] ? 'created' : judge(twins.get(place))));
}

/**
 * Whether what is stored is the task that was given. Its owner may have changed it since; as long as
 * nobody has, it must say the same, or it is another task, or the source has changed.
 */
function judge(twin: repository.StoredTwin | undefined): StoreOutcome {
  const isSame = twin?.is_created_then && (twin.is_changed || twin.has_equal_content);
  if (isSame) return 'unchanged';
  return { pointer: '/id', detail: 'was stored before with other content, which stays as it is' };
}

async function recordImports(
  tx: Queryable,
  actor: OperatorActor,
  kind: ImportKind,
  created: repository.PastTaskRow[],
): Promise<void> {
  const counts = new Map<string, number>();
  for (const { userId } of created) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  for (const [userId, count] of counts) {
    await recordEvent(tx, actor, {
      action: 'tasks.imported',
      target: { kind: 'user', id: userId },
      userId,
      changes: { kind, created: count },
    });
  }
}
