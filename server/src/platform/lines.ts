const LINE_FEED = 0x0a;

/** One line of a file, counted from 1, without its line feed. */
export interface Line {
  number: number;
  /** null: it is longer than allowed, and was dropped. */
  bytes: Buffer | null;
}

/** Splits a stream into lines, and never holds more of it than one piece and one allowed line. */
export async function* readLines(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let number = 1;
  let held: Buffer[] = [];
  let length = 0;
  const hold = (bytes: Buffer) => {
    length += bytes.length;
    if (length <= maxBytes) held.push(bytes);
    else held = [];
  };
  const take = (): Line => {
    const bytes = length <= maxBytes ? Buffer.concat(held) : null;
    held = [];
    length = 0;
    return { number: number++, bytes };
  };

  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end !== -1; end = piece.indexOf(LINE_FEED, start)) {
      hold(piece.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(piece.subarray(start));
  }
  if (length > 0) yield take();
}
