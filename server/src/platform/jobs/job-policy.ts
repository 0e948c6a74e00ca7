/** What becomes of a job that fails, stands still or is done. */
export interface JobPolicy {
  /** Attempts after the first one. */
  retryLimit: number;
  /** Pause before the second attempt; doubled for each further one, with jitter. */
  retryDelaySeconds: number;
  retryDelayMaxSeconds: number;
  /** An attempt that takes longer is given up and counts as failed. */
  expireSeconds: number;
  /** An attempt whose process is silent for so long is given up: the process is dead. At least 10. */
  heartbeatSeconds: number;
  /** How many of the kind one process runs at once. */
  concurrency: number;
  /** How soon a waiting job is noticed. */
  pollSeconds: number;
}

/** The policy of every job that does not say otherwise. */
export const DEFAULT_POLICY: JobPolicy = {
  // With doubled pauses these are about five hours.
  retryLimit: 12,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 3600,
  expireSeconds: 120,
  heartbeatSeconds: 30,
  concurrency: 5,
  pollSeconds: 0.75,
};

const DAY_SECONDS = 86_400;

/** Done, failed and dead jobs are kept for so long. */
export const KEEP_SECONDS = 14 * DAY_SECONDS;
/** A job that nothing has run for so long is given up; longer than any outage. */
export const WAIT_SECONDS = 30 * DAY_SECONDS;

/** Where a copy of each job goes whose last attempt has failed. */
export const DEAD_LETTERS = 'dead_letters';
