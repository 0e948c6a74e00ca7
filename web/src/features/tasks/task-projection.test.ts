import { describe, expect, test } from 'vitest';
import type { Task } from '../../api/tasks.ts';
import type { Overlay, PendingChange } from './pending-changes.ts';
import { projectCounts, projectRows } from './task-projection.ts';

function task(id: number, fields: Partial<Task> = {}): Task {
  const time = new Date(Date.UTC(2026, 0, 1) + id * 1_000).toISOString();
  return {
    id,
    title: `Task ${id}`,
    description: null,
    status: 'pending',
    completed: false,
    completed_at: null,
    version: 1,
    created_at: time,
    updated_at: time,
    deleted_at: null,
    ...fields,
  };
}

const DONE = { status: 'completed', completed: true } as const;

function change(base: Task, fields: Partial<Task>, isNew = false): PendingChange {
  return { key: base.id, base, fields, isNew };
}

function overlay(...changes: PendingChange[]): Overlay {
  return { changes, leaving: [] };
}

const titles = (rows: { task: Task }[]) => rows.map((row) => row.task.title);
const open = { view: 'open', q: '' } as const;

describe('rows painted ahead', () => {
  test('a new task stands on top where it belongs and nowhere else', () => {
    const changes = overlay(change(task(9), {}, true));
    expect(titles(projectRows([task(2), task(1)], changes, open))).toEqual([
      'Task 9',
      'Task 2',
      'Task 1',
    ]);
    expect(projectRows([], changes, { view: 'completed', q: '' })).toEqual([]);
    expect(projectRows([], changes, { view: 'open', q: 'something else' })).toEqual([]);
  });

  test('new tasks stand on top in the order of their addition, also where the clock here is behind', () => {
    const early = { created_at: '2020-01-01T00:00:00.000Z' };
    const changes = overlay(change(task(8, early), {}, true), change(task(9, early), {}, true));
    expect(titles(projectRows([task(2), task(1)], changes, open))).toEqual([
      'Task 9',
      'Task 8',
      'Task 2',
      'Task 1',
    ]);
  });

  test('a completed task leaves the open ones and keeps its place among all', () => {
    const known = [task(3), task(2), task(1)];
    const changes = overlay(change(task(2), DONE));
    expect(titles(projectRows(known, changes, open))).toEqual(['Task 3', 'Task 1']);
    expect(titles(projectRows(known, changes, { view: 'all', q: '' }))).toEqual([
      'Task 3',
      'Task 2',
      'Task 1',
    ]);
  });

  test('a task on its way out keeps its old place for its farewell', () => {
    const before = task(2);
    const leaving = [{ before, after: { ...before, ...DONE } }];
    const rows = projectRows([task(3), task(1)], { changes: [], leaving }, open);
    expect(rows.map((row) => [row.task.title, row.isLeaving])).toEqual([
      ['Task 3', false],
      ['Task 2', true],
      ['Task 1', false],
    ]);
  });

  test('deleting and taking it back at once leaves the row where it was', () => {
    const changes = overlay(
      change(task(2), { deleted_at: '2026-02-01T00:00:00.000Z' }),
      change(task(2), { deleted_at: null }),
    );
    expect(titles(projectRows([task(3), task(2)], changes, open))).toEqual(['Task 3', 'Task 2']);
  });
});

test('counts move with every change that is painted ahead', () => {
  const counts = { pending: 2, in_progress: 1, completed: 0, trashed: 0 };
  const changes = [
    change(task(1), DONE),
    change(task(2, { status: 'in_progress' }), { deleted_at: '2026-02-01T00:00:00.000Z' }),
    change(task(3), {}, true),
  ];
  expect(projectCounts(counts, changes)).toEqual({
    pending: 2,
    in_progress: 0,
    completed: 1,
    trashed: 1,
  });
});
