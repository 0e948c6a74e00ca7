import { expect, test } from 'vitest';
import { newTaskId } from './task-id.ts';

test('a task id carries its millisecond in all but the lowest 12 bits', () => {
  const nowMs = Date.UTC(2026, 0, 31, 9);
  expect(Math.floor(newTaskId(nowMs) / 4096)).toBe(nowMs - Date.UTC(2025, 0, 1));
});

test('later ids are greater, and they stay exact for decades', () => {
  const late = Date.UTC(2090, 0, 1);
  expect(newTaskId(late + 1)).toBeGreaterThan(newTaskId(late));
  expect(newTaskId(late)).toBeLessThan(2 ** 53);
});
