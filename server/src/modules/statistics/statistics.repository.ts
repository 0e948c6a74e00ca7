import { type RawBuilder, sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { adhoc, defineStatement } from '../../platform/postgres/statement.ts';

/** Days of a time zone, the last one included. */
export interface DayRange {
  from: string;
  to: string;
  timeZone: string;
}

/** What happened on one day. */
export interface DayRow {
  date: string;
  users_registered: number;
  sign_ins: number;
  tasks_created: number;
  tasks_completed: number;
}

export interface TotalsRow {
  users: { unverified: number; active: number; disabled: number; deleted: number };
  tasks: { pending: number; in_progress: number; completed: number; trashed: number };
}

const totalsStatement = defineStatement<object, TotalsRow>(
  'statistics.totals',
  () => sql`
    select (select to_json(u) from (
        select unverified, active, disabled, deleted from user_counts) as u) as users,
      (select to_json(t) from (
        select coalesce(sum(pending), 0)::bigint as pending,
          coalesce(sum(in_progress), 0)::bigint as in_progress,
          coalesce(sum(completed), 0)::bigint as completed,
          coalesce(sum(trashed), 0)::bigint as trashed
        from task_counts) as t) as tasks`,
);

/**
 * What happened on each day. Reads all tasks, whichever the range: an index by time alone would be
 * paid for by every write. A time zone that the database does not know is SQLSTATE 22023.
 */
export function countDays(db: Queryable, range: DayRange): Promise<DayRow[]> {
  const { from, to, timeZone } = range;
  const start = sql`(${from}::date::timestamp at time zone ${timeZone}::text)`;
  const end = sql`((${to}::date + 1)::timestamp at time zone ${timeZone}::text)`;
  const dayOf = (time: RawBuilder<unknown>) => sql`(${time} at time zone ${timeZone}::text)::date`;
  const within = (time: RawBuilder<unknown>) => sql`${time} >= ${start} and ${time} < ${end}`;
  const count = (table: string, column: string, condition = sql``) =>
    sql`(select ${dayOf(sql.ref(column))} as day, count(*) as count from ${sql.table(table)}
      where ${within(sql.ref(column))} ${condition} group by 1)`;
  return db.run(
    adhoc(sql<DayRow>`
      select to_char(days.day, 'YYYY-MM-DD') as date,
        coalesce(registered.count, 0) as users_registered, coalesce(signed_in.count, 0) as sign_ins,
        coalesce(created.count, 0) as tasks_created, coalesce(completed.count, 0) as tasks_completed
      from (select generate_series(${from}::date, ${to}::date, interval '1 day')::date as day) as days
      left join ${count('users', 'created_at')} as registered using (day)
      left join ${count('audit_events', 'occurred_at', sql`and action = 'session.started'`)}
        as signed_in using (day)
      left join ${count('tasks', 'created_at')} as created using (day)
      left join ${count('tasks', 'completed_at')} as completed using (day)
      order by days.day`),
  );
}

/** How many users and tasks there are. */
export async function countTotals(db: Queryable): Promise<TotalsRow> {
  const [row] = await db.run(totalsStatement({}));
  if (!row) throw new Error('the database counts nothing');
  return row;
}
