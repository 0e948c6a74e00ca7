import { LRUCache } from 'lru-cache';
import type { Context } from '../../context.ts';
import { invalidField } from '../../errors.ts';
import { sqlStateOf } from '../../platform/postgres/errors.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import type { Administrator } from '../roles/ceiling.service.ts';
import * as repository from './statistics.repository.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;
const MAX_AGE_MS = 60_000;
const MAX_REMEMBERED = 100;
const UNKNOWN_TIME_ZONE = '22023';

interface RangeInput {
  /** The first day; by default 30 days up to `to`. */
  from?: string;
  /** The last day; by default today. */
  to?: string;
  /** By default UTC. */
  time_zone?: string;
}

/** What happened on each of some days, and what there is now. */
export interface Statistics extends repository.TotalsRow {
  range: repository.DayRange;
  days: repository.DayRow[];
  countedAt: Date;
}

/**
 * Numbers of users, tasks and sign-ins of the whole server. Counting reads every task, so that it is
 * done once a minute at most for a range, one range after the other, however many ask.
 */
export class ServerStatistics {
  readonly #ctx: Pick<Context, 'db'>;
  readonly #counted = new LRUCache<string, Promise<Statistics>>({
    max: MAX_REMEMBERED,
    ttl: MAX_AGE_MS,
  });
  #last: Promise<unknown> = Promise.resolve();

  constructor(ctx: Pick<Context, 'db'>) {
    this.#ctx = ctx;
  }

  /** @throws request.invalid, database.unavailable */
  get(_actor: Administrator, input: RangeInput): Promise<Statistics> {
    const range = rangeOf(input);
    const key = JSON.stringify([range.from, range.to, range.timeZone]);
    const known = this.#counted.get(key);
    if (known) return known;
    const counting = this.#last.then(() => count(this.#ctx, range));
    this.#last = counting.catch(() => undefined);
    this.#counted.set(key, counting);
    // What could not be counted is tried again.
    counting.catch(() => this.#counted.delete(key));
    return counting;
  }
}

async function count(ctx: Pick<Context, 'db'>, range: repository.DayRange): Promise<Statistics> {
  try {
    const countedAt = new Date();
    const days = await repository.countDays(ctx.db, range);
    return { range, days, ...(await repository.countTotals(ctx.db)), countedAt };
  } catch (error) {
    if (sqlStateOf(error) !== UNKNOWN_TIME_ZONE) throw error;
    throw unknownTimeZone();
  }
}

/** @throws request.invalid */
function rangeOf(input: RangeInput): repository.DayRange {
  const timeZone = input.time_zone ?? 'UTC';
  const today = todayIn(timeZone);
  const to = input.to ?? today;
  const from = input.from ?? dayBefore(to, DEFAULT_DAYS - 1);
  const count = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (count < 1) throw invalidField('/to', 'must not be before from');
  if (count > MAX_DAYS) throw invalidField('/from', `must be at most ${MAX_DAYS} days before to`);
  return { from, to, timeZone };
}

function todayIn(timeZone: string): string {
  if (!isTimeZone(timeZone)) throw unknownTimeZone();
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format();
}

function dayBefore(day: string, count: number): string {
  return new Date(Date.parse(day) - count * DAY_MS).toISOString().slice(0, 10);
}

function unknownTimeZone() {
  return invalidField('/time_zone', 'must be a time zone such as Europe/Berlin');
}
