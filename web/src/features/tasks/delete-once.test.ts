import { expect, test } from 'vitest';
import { ApiError, unreachable } from '../../api/problem.ts';
import { deleteOnce } from './delete-once.ts';

const notFound = new ApiError({ status: 404, code: 'task.not_found' });

/** A request that fails with each of `errors` in turn and then works. */
function failingWith(...errors: Error[]): () => Promise<void> {
  return async () => {
    const error = errors.shift();
    if (error) throw error;
  };
}

test('a task that is gone after an attempt without answer counts as deleted', async () => {
  const remove = deleteOnce(failingWith(unreachable(), notFound));
  await expect(remove()).rejects.toThrow();
  await expect(remove()).resolves.toBeUndefined();
});

test('a task that was never there is reported', async () => {
  await expect(deleteOnce(failingWith(notFound))()).rejects.toBe(notFound);
});
