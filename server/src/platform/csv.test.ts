import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRecord, readCsv } from './csv.ts';

async function recordsOf(text: string | Buffer, maxBytes = 1000): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const it of readCsv(Readable.from([Buffer.from(text)]), maxBytes)) records.push(it);
  return records;
}

const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;

test('any text comes out as it went in, wherever the pieces are cut', async () => {
  const field = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a'), maxLength: 6 }),
  );
  // A record of one empty field is an empty line.
  const record = fc.array(field, { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      fc.nat({ max: 50 }),
      async (records, end, cut) => {
        const text = records.map((fields) => fields.map(quoted).join(',') + end).join('');
        const bytes = Buffer.from(text);
        const pieces = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]);
        const read = [];
        for await (const it of readCsv(pieces, 10_000)) read.push('fields' in it ? it.fields : it);
        const wellFormed = records.map((fields) => fields.map((it) => Buffer.from(it).toString()));
        expect(read).toEqual(wellFormed);
      },
    ),
  );
});

test('fields without quotes, empty ones, empty lines and a last line without an end', async () => {
  expect(await recordsOf('a,b\r\n\r\n1,\n\n,"2\n3"\nx,""')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1', ''] },
    { line: 5, fields: ['', '2\n3'] },
    { line: 7, fields: ['x', ''] },
  ]);
  expect(await recordsOf('')).toEqual([]);
});

test.each([
  ['a"b,c', 'has a quote within a field that is not quoted'],
  ['"a"b,c', 'has text after a closing quote'],
  ['a\rb', 'has a carriage return within a line'],
  ['"a\r"\rb', 'has a carriage return within a line'],
  [`"${'x'.repeat(20)}\n,"`, 'has more than 10 bytes'],
  [','.repeat(20), 'has too many fields'],
  [Buffer.from([0x61, 0xff]), 'is not well-formed UTF-8'],
])('%o is malformed, and the line after it is read', async (text, problem) => {
  const bytes = Buffer.concat([Buffer.from('1,2\n'), Buffer.from(text), Buffer.from('\n3,4\n')]);
  const [first, second, third, ...others] = await recordsOf(bytes, 10);
  expect([first, second]).toEqual([
    { line: 1, fields: ['1', '2'] },
    { line: 2, problem },
  ]);
  expect(third).toMatchObject({ fields: ['3', '4'] });
  expect(others).toEqual([]);
});

test('what follows a quote that is never closed is no record, however it looks', async () => {
  expect(await recordsOf('1,"2\n3,4\n5,6\n')).toEqual([
    { line: 1, problem: expect.stringContaining('never closed') },
  ]);
});

test('lines within a field that is too long are no records', async () => {
  const records = await recordsOf(`1,"${'x'.repeat(30)}\n8,9\n"\n3,4`, 20);
  expect(records).toEqual([
    { line: 1, problem: 'has more than 20 bytes' },
    { line: 4, fields: ['3', '4'] },
  ]);
});
