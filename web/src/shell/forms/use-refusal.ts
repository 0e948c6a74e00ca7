import { useEffect, useState } from 'react';
import { ApiError } from '../../api/problem.ts';
import { describeError } from '../describe-error.ts';
import { messages } from '../messages.ts';

/** The reason of a refused form; a limit counts down to the moment when trying again makes sense. */
export function useRefusal() {
  const [error, setError] = useState<unknown>();
  const waitSeconds = error instanceof ApiError ? Math.ceil(error.retryAfterSeconds ?? 0) : 0;
  const [leftSeconds, setLeftSeconds] = useState(0);

  useEffect(() => {
    setLeftSeconds(waitSeconds);
    if (waitSeconds === 0 || !error) return;
    const timer = setInterval(() => setLeftSeconds((left) => Math.max(0, left - 1)), 1_000);
    return () => clearInterval(timer);
  }, [error, waitSeconds]);

  const isOver = waitSeconds > 0 && leftSeconds === 0;
  return { error: isOver ? undefined : error, setError, text: textOf(error, leftSeconds, isOver) };
}

function textOf(error: unknown, leftSeconds: number, isOver: boolean): string | undefined {
  if (error === undefined || isOver) return undefined;
  if (!(error instanceof ApiError)) return describeError(error);
  if (error.code === 'credentials.invalid') return messages.account.credentialsInvalid;
  if (error.status === 429 && leftSeconds > 0) return messages.account.limited(leftSeconds);
  return describeError(error);
}
