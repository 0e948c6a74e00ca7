import type pg from 'pg';
import type { Queryable } from '../../src/platform/postgres/database.ts';
import type { BoundStatement } from '../../src/platform/postgres/statement.ts';

/** A plan made for any values, or for those of the call. */
export type PlanMode = 'force_generic_plan' | 'force_custom_plan';

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
}

/** The statement that a function of a repository sends. */
export async function sentBy(
  call: (db: Queryable) => Promise<unknown>,
): Promise<BoundStatement<unknown>> {
  let sent: BoundStatement<unknown> | undefined;
  const recorder: Queryable = {
    run: async (statement) => {
      sent = statement;
      return [];
    },
    execute: async () => 0,
    runLast: async () => undefined,
  };
  await call(recorder);
  if (!sent) throw new Error('no statement was sent');
  return sent;
}

/** Pages touched by a statement, once the session knows the tables. */
export async function buffersOf(
  client: pg.Client,
  statement: BoundStatement<unknown>,
  mode: PlanMode,
): Promise<number> {
  await client.query(`SET plan_cache_mode = ${mode}`);
  await client.query(`PREPARE measured AS ${statement.text}`);
  try {
    const values = statement.values.map((value) =>
      value === null ? 'NULL' : client.escapeLiteral(String(value)),
    );
    const call = values.length === 0 ? 'measured' : `measured (${values})`;
    const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) EXECUTE ${call}`;
    await client.query(explained);
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(explained);
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    if (!plan) throw new Error('no plan');
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  } finally {
    await client.query('DEALLOCATE measured');
  }
}
