import { ApiError, isTemporary } from '../../api/problem.ts';

/**
 * Makes a deletion safe to repeat: when an earlier attempt got no clear answer, “not found” means that it had worked.
 */
export function deleteOnce(request: () => Promise<void>): () => Promise<undefined> {
  let mayHaveWorked = false;
  return async () => {
    try {
      await request();
    } catch (error) {
      const isGone = error instanceof ApiError && error.status === 404;
      if (isGone && mayHaveWorked) return undefined;
      mayHaveWorked ||= isTemporary(error);
      throw error;
    }
    return undefined;
  };
}
