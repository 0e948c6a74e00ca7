const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** One item of a list, counted from 1, as it was written, or why it cannot be had. */
export type JsonItem = { number: number } & ({ bytes: Buffer } | { problem: string });

/**
 * Splits a stream that holds one JSON list into its items, without reading them: a malformed item
 * leaves the others alone. Never holds more than one piece and one item of `maxBytes`.
 */
export async function* readJsonItems(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<JsonItem> {
  const reader = new ItemReader(maxBytes);
  for await (const piece of pieces) {
    for (const byte of piece) {
      const item = reader.take(byte);
      if (item) yield item;
    }
  }
  const last = reader.end();
  if (last) yield last;
}

class ItemReader {
  readonly #held: Buffer;
  #length = 0;
  #isTooLong = false;
  /** Nothing but white space has come of the item yet. */
  #isEmpty = true;
  #number = 1;
  /** 0: outside the list; 1: between or at the items; more: within one. */
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #isClosed = false;

  constructor(maxBytes: number) {
    this.#held = Buffer.alloc(maxBytes);
  }

  take(byte: number): JsonItem | null {
    if (this.#isString) this.#takeInString(byte);
    else if (this.#depth === 0) this.#takeOutside(byte);
    else return this.#takeInList(byte);
    return null;
  }

  end(): JsonItem | null {
    if (!this.#isClosed)
      return { number: this.#number, problem: 'is cut off: the list has no end' };
    return this.#isEmpty
      ? null
      : { number: this.#number, problem: 'stands after the end of the list' };
  }

  #takeInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isString = false;
    this.#hold(byte);
  }

  #takeOutside(byte: number): void {
    if (byte === OPEN_LIST && !this.#isClosed) this.#depth = 1;
    else this.#hold(byte);
  }

  #takeInList(byte: number): JsonItem | null {
    if (this.#depth === 1 && byte === COMMA) return this.#endItem();
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth += 1;
    if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth -= 1;
    if (this.#depth === 0) return this.#endList();
    if (byte === QUOTE) this.#isString = true;
    this.#hold(byte);
    return null;
  }

  #hold(byte: number): void {
    if (!isWhiteSpace(byte)) this.#isEmpty = false;
    if (this.#length === this.#held.length) {
      this.#isTooLong = true;
    } else {
      this.#held[this.#length] = byte;
      this.#length += 1;
    }
  }

  #endList(): JsonItem | null {
    this.#isClosed = true;
    // `[]` has no item; after a comma nothing is one too few.
    return this.#number === 1 && this.#isEmpty ? null : this.#endItem();
  }

  #endItem(): JsonItem {
    const number = this.#number;
    const item = this.#isTooLong
      ? { number, problem: `has more than ${this.#held.length} bytes` }
      : { number, bytes: Buffer.from(this.#held.subarray(0, this.#length)) };
    this.#number += 1;
    this.#length = 0;
    this.#isTooLong = false;
    this.#isEmpty = true;
    return item;
  }
}

function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
