import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { useTestDatabase } from '../harness/database.ts';

const database = useTestDatabase();

test.each(['привет', 'καλημέρα', 'über', 'žluťoučký'])(
  'the search index knows the letters of %s',
  async (word) => {
    const trigrams = sql<{ count: number }>`select cardinality(show_trgm(${word})) as count`;
    const [row] = await database.db.run(adhoc(trigrams));
    // As many as letters and one more: two blanks before the word, one after it.
    expect(row?.count).toBe(word.length + 1);
  },
);
