import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { adhoc, builder, defineStatement, unnamed } from './statement.ts';

interface Key {
  userId: string;
  id: number;
}

const find = defineStatement<Key>('statement-test.find', (p) =>
  builder
    .selectFrom('tasks')
    .select(['id', 'title'])
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('version', '>', 3)
    .where('deleted_at', 'is', null),
);

describe('defineStatement', () => {
  it('puts arguments and constants where the query has them', () => {
    const { text, values } = find({ userId: 'u', id: 7 });
    expect(text).toBe(
      'select "id", "title" from "tasks" where "user_id" = $1 and "id" = $2 and "version" > $3 and "deleted_at" is null',
    );
    expect(values).toEqual(['u', 7, 3]);
  });

  it('gives every call values of its own and the same text and name', () => {
    const first = find({ userId: 'a', id: 1 });
    const second = find({ userId: 'b', id: 2 });
    expect(first.values).toEqual(['a', 1, 3]);
    expect(second.values).toEqual(['b', 2, 3]);
    expect(second.text).toBe(first.text);
    expect(second.name).toBe(first.name);
  });

  it('takes sql templates, and one argument in several places', () => {
    const between = defineStatement<{ x: number }>(
      'statement-test.twice',
      (p) => sql`select ${p.x}::int + ${p.x}::int`,
    );
    expect(between({ x: 2 })).toMatchObject({
      text: 'select $1::int + $2::int',
      values: [2, 2],
    });
  });

  it('passes null on, and refuses an argument that is missing', () => {
    const named = defineStatement<{ name: string | null }>(
      'statement-test.null',
      (p) => sql`select ${p.name}::text`,
    );
    expect(named({ name: null }).values).toEqual([null]);
    expect(() => named({} as { name: string })).toThrow('statement-test.null lacks argument name');
  });

  it('refuses a name that is taken, since the server would mix the two up', () => {
    expect(() => defineStatement('statement-test.find', () => sql`select 1`)).toThrow(
      'two statements named statement-test.find',
    );
  });

  it('refuses to compute with an argument while compiling', () => {
    expect(() =>
      defineStatement<{ q: string }>('statement-test.computed', (p) => sql`select ${`%${p.q}%`}`),
    ).toThrow('Argument q must be passed on whole');
  });

  it('names the text, so that another release may use the name for another text', () => {
    const { name, text } = find({ userId: 'u', id: 1 });
    expect(name).toMatch(/^statement-test\.find:[0-9a-f]{16}$/);
    const other = defineStatement('statement-test.find2', () => sql`select 2`)({});
    expect(other.name?.split(':')[1]).not.toBe(name?.split(':')[1]);
    expect(text).not.toBe(other.text);
  });

  it('keeps names within the 63 bytes that PostgreSQL compares', () => {
    const long = defineStatement(`a${'b'.repeat(80)}`, () => sql`select 1`)({});
    expect(long.name).toHaveLength(63);
    expect(long.name).toMatch(/:[0-9a-f]{16}$/);
  });
});

describe('adhoc', () => {
  const query = builder.selectFrom('users').select('id').where('email', '=', 'x');

  it('is unnamed unless it is to be prepared', () => {
    expect(adhoc(query)).toEqual({
      name: undefined,
      text: 'select "id" from "users" where "email" = $1',
      values: ['x'],
    });
  });

  it('derives the name from the text alone', () => {
    const again = builder.selectFrom('users').select('id').where('email', '=', 'y');
    const other = builder.selectFrom('users').select('id').where('name', '=', 'x');
    expect(adhoc(query, { prepare: true }).name).toBe(adhoc(again, { prepare: true }).name);
    expect(adhoc(query, { prepare: true }).name).not.toBe(adhoc(other, { prepare: true }).name);
  });
});

describe('unnamed', () => {
  it('keeps text and values', () => {
    const statement = find({ userId: 'u', id: 1 });
    expect(unnamed(statement)).toEqual({ ...statement, name: undefined });
  });
});
