import { ApiError } from '../api/problem.ts';
import { messages } from './messages.ts';

const { errors } = messages;

const BY_CODE: Record<string, string> = {
  'network.unreachable': errors.unreachable,
  'session.invalid': errors.sessionEnded,
  'session.changed': errors.sessionChanged,
  'task.not_found': errors.taskNotFound,
  'task.version_mismatch': errors.taskChanged,
};

/** A sentence for the person: our own words for what we know, else the server's. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiError)) return errors.other;
  const known = BY_CODE[error.code];
  if (known) return known;
  if (error.status === 429) {
    const seconds = error.retryAfterSeconds;
    return seconds === undefined ? errors.limited : errors.limitedFor(Math.ceil(seconds));
  }
  if (error.status === 503) return errors.busy;
  if (error.status >= 500) return errors.server;
  const details = error.fieldErrors.map((field) => field.detail).join(' ');
  return details || (error.message === error.code ? errors.other : error.message);
}
