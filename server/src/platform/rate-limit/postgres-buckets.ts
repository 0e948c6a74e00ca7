import { sql } from 'kysely';
import type { Queryable } from '../postgres/queryable.ts';
import { builder, defineStatement } from '../postgres/statement.ts';
import {
  type BucketRule,
  type BucketStore,
  believed,
  type Decision,
  decisionOf,
  holdsRequest,
} from './bucket.ts';

const PURGE_BATCH = 1000;

interface Take {
  rule: string;
  key: string;
  stepUs: number;
  capacityUs: number;
  horizonUs: number;
  knownUs: number;
  nowUs: number | null;
}

interface Taken {
  now_us: number;
  /** null: refused. */
  taken_us: number | null;
  /** As it was before; null: there was no such bucket. */
  seen_us: number | null;
}

/** The row's lock makes those who come at once take one after the other. */
const takeStatement = defineStatement<Take, Taken>(
  'rate_buckets.take',
  (p) => sql`
  with clock as (
    select coalesce(
      ${p.nowUs}::bigint, floor(extract(epoch from clock_timestamp()) * 1000000)::bigint) as now_us
  ), request as (
    select now_us, ${p.stepUs}::bigint as step_us, now_us + ${p.horizonUs}::bigint as horizon_us,
      now_us + ${p.capacityUs}::bigint - ${p.stepUs}::bigint as latest_us,
      greatest(now_us, case when ${p.knownUs}::bigint <= now_us + ${p.horizonUs}::bigint
        then ${p.knownUs}::bigint end) as full_at_us
    from clock
  ), taken as (
    insert into rate_buckets as bucket (rule, key, full_at_us)
    select ${p.rule}::text, ${p.key}::text, full_at_us + step_us from request
    where full_at_us <= latest_us
    on conflict (rule, key) do update
    set full_at_us = greatest(excluded.full_at_us, case
      when bucket.full_at_us <= (select horizon_us from request)
      then bucket.full_at_us + (select step_us from request) end)
    where bucket.full_at_us <= (select latest_us from request)
      or bucket.full_at_us > (select horizon_us from request)
    returning full_at_us
  )
  select request.now_us, taken.full_at_us as taken_us,
    (select full_at_us from rate_buckets
      where rule = ${p.rule}::text and key = ${p.key}::text) as seen_us
  from request left join taken on true`,
);

const purgeStatement = defineStatement<{ limit: number }>('rate_buckets.purge', (p) =>
  builder.deleteFrom('rate_buckets').where(
    sql<boolean>`(rule, key) in (
      select rule, key from rate_buckets
      where full_at_us < floor(extract(epoch from now()) * 1000000)::bigint
      limit ${p.limit}::int for update skip locked)`,
  ),
);

/** Buckets in the database, the same for every process. */
export class PostgresBuckets implements BucketStore {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** @throws DatabaseUnavailable */
  async take(
    rule: BucketRule,
    key: string,
    knownUs: number,
    nowUs: number | null = null,
  ): Promise<Decision> {
    const { name, stepUs, capacityUs, horizonUs } = rule;
    const take = { rule: name, key, stepUs, capacityUs, horizonUs, knownUs, nowUs };
    const [taken] = await this.#db.run(takeStatement(take));
    if (!taken) throw new Error('the bucket did not answer');
    if (taken.taken_us !== null) return decisionOf(rule, true, taken.taken_us, taken.now_us);
    const seenUs = Math.max(
      believed(rule, taken.seen_us ?? 0, taken.now_us),
      believed(rule, knownUs, taken.now_us),
    );
    // Others took at the same time what could still be seen: how little is left is not known.
    const isOutdated = holdsRequest(rule, seenUs, taken.now_us);
    const fullAtUs = isOutdated ? taken.now_us + capacityUs : seenUs;
    return decisionOf(rule, false, fullAtUs, taken.now_us);
  }
}

/** Deletes one batch of buckets that are full, and so as good as none; answers how many. */
export function purgeFullBuckets({ db }: { db: Queryable }): Promise<number> {
  return db.execute(purgeStatement({ limit: PURGE_BATCH }));
}
