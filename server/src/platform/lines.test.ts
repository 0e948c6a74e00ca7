import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from './lines.ts';

async function linesOf(pieces: Iterable<Buffer>, maxBytes = 100): Promise<(string | null)[]> {
  const lines = [];
  for await (const { number, bytes } of readLines(Readable.from(pieces), maxBytes)) {
    expect(number).toBe(lines.length + 1);
    lines.push(bytes === null ? null : bytes.toString());
  }
  return lines;
}

test('lines come out whole wherever the pieces are cut', async () => {
  const text = fc.array(
    fc.string({ unit: 'binary', maxLength: 20 }).map((it) => it.replaceAll('\n', '')),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat({ max: 50 })), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const pieces = [];
      let at = 0;
      for (const cut of cuts) {
        pieces.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      pieces.push(bytes.subarray(at));
      expect(await linesOf(pieces)).toEqual(lines.map((line) => Buffer.from(line).toString()));
    }),
  );
});

test('the last line needs no line feed', async () => {
  expect(await linesOf([Buffer.from('a\n\nb')])).toEqual(['a', '', 'b']);
  expect(await linesOf([])).toEqual([]);
});

test('a line that is too long is dropped, and the next one is read', async () => {
  const pieces = ['ab\nabc', 'd', 'e\nabcd\nx'].map((it) => Buffer.from(it));
  expect(await linesOf(pieces, 4)).toEqual(['ab', null, 'abcd', 'x']);
});

test('a line of a gigabyte takes no memory', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const endless = (function* () {
    for (let i = 0; i < 1024; i++) yield piece;
    yield Buffer.from('\nend');
  })();
  const before = process.memoryUsage.rss();
  expect(await linesOf(endless)).toEqual([null, 'end']);
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
});
