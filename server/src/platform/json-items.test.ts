import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonItems } from './json-items.ts';

async function itemsOf(pieces: Iterable<Buffer>, maxBytes = 1000): Promise<string[]> {
  const items: string[] = [];
  for await (const it of readJsonItems(Readable.from(pieces), maxBytes)) {
    expect(it.number).toBe(items.length + 1);
    items.push('bytes' in it ? it.bytes.toString().trim() : `! ${it.problem}`);
  }
  return items;
}

const of = (text: string, maxBytes?: number) => itemsOf([Buffer.from(text)], maxBytes);

test('the items of any list come out whole wherever the pieces are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.constantFrom(0, 2),
      fc.nat({ max: 200 }),
      async (values, indent, cut) => {
        const bytes = Buffer.from(JSON.stringify(values, null, indent));
        const items = await itemsOf([bytes.subarray(0, cut), bytes.subarray(cut)], 100_000);
        expect(items.map((it) => JSON.parse(it))).toEqual(JSON.parse(bytes.toString()));
      },
    ),
  );
});

test('a malformed item leaves the others alone', async () => {
  expect(await of('[{"a":1}, {bad}, , {"b":"],["}, {"c":1]]')).toEqual([
    '{"a":1}',
    '{bad}',
    '',
    '{"b":"],["}',
    '{"c":1]',
  ]);
  expect(await of(`[1,"${'x'.repeat(50)}",2]`, 20)).toEqual(['1', '! has more than 20 bytes', '2']);
});

test('a list that is empty, cut off, or followed by something', async () => {
  expect(await of('[ ]\n')).toEqual([]);
  expect(await of('[1, {"a":')).toEqual(['1', '! is cut off: the list has no end']);
  expect(await of('[1]\n[2]')).toEqual(['1', '! stands after the end of the list']);
  expect(await of('[1,]')).toEqual(['1', '']);
});
