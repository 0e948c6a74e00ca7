import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { builder, defineStatement } from './statement.ts';

const database = useTestDatabase();

const echo = defineStatement<{ text: string; number: number }, { text: string; number: number }>(
  'test.echo',
  (p) =>
    builder.selectNoFrom([
      sql<string>`${p.text}::text`.as('text'),
      sql<number>`${p.number}::int8`.as('number'),
    ]),
);

describe('Database', () => {
  it('answers rows of a defined statement with int8 as number', async () => {
    const rows = await database.db.run(echo({ text: 'x', number: 9007199254740991 }));
    expect(rows).toEqual([{ text: 'x', number: 9007199254740991 }]);
  });
});
