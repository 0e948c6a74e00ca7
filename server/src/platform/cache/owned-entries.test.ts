import { expect, test } from 'vitest';
import { OwnedEntries } from './owned-entries.ts';

const entriesOf = (max = 10) => new OwnedEntries<{ owner: string; value: number }>(max);

test('an owner takes all of theirs along, and nothing of others', () => {
  const entries = entriesOf();
  entries.set('a', { owner: 'ada', value: 1 });
  entries.set('b', { owner: 'ada', value: 2 });
  entries.set('c', { owner: 'bob', value: 3 });
  entries.deleteOwner('ada');
  entries.deleteOwner('nobody');
  expect(['a', 'b', 'c'].map((key) => entries.get(key)?.value)).toEqual([undefined, undefined, 3]);
});

test('what has found another owner stays when the first one goes', () => {
  const entries = entriesOf();
  entries.set('a', { owner: 'ada', value: 1 });
  entries.set('a', { owner: 'bob', value: 2 });
  entries.deleteOwner('ada');
  expect(entries.get('a')?.value).toBe(2);
  entries.set('a', { owner: 'bob', value: 3 });
  entries.deleteOwner('bob');
  expect(entries.get('a')).toBeUndefined();
});

test('owners without entries are not remembered, however the entries went', () => {
  const entries = entriesOf(2);
  for (const owner of ['ada', 'bob', 'eve']) entries.set(`of ${owner}`, { owner, value: 1 });
  expect(entries.ownerCount).toBe(2);
  entries.delete('of eve');
  expect(entries.ownerCount).toBe(1);
  entries.clear();
  expect([entries.ownerCount, entries.get('of bob')]).toEqual([0, undefined]);
});
