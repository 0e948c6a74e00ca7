const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One record of a file, with the number of the line that it begins in. */
export type CsvRecord = { line: number } & ({ fields: string[] } | { problem: string });

/** Where in a record the next byte stands. */
type Place = 'field start' | 'plain' | 'quoted' | 'quote in quoted' | 'carriage return';

/**
 * Splits a stream of comma-separated values as RFC 4180 describes them: quoted fields may hold
 * commas, quotes written twice, and line breaks; lines end in CRLF or LF. Empty lines are left out. A
 * malformed record is told in its place and the next line is read; within quotes nothing is guessed, so
 * that no text of a field is ever taken for a record of its own.
 */
export async function* readCsv(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<CsvRecord> {
  const reader = new CsvReader(maxBytes);
  for await (const piece of pieces) {
    for (const byte of piece) {
      const record = reader.take(byte);
      if (record) yield record;
    }
  }
  const last = reader.end();
  if (last) yield last;
}

class CsvReader {
  readonly #held: Buffer;
  #length = 0;
  #fieldStart = 0;
  #fields: string[] = [];
  #problem: string | null = null;
  #place: Place = 'field start';
  #line = 1;
  #firstLine = 1;
  /** Nothing of the record has come yet. */
  #isBlank = true;

  constructor(maxBytes: number) {
    this.#held = Buffer.alloc(maxBytes);
  }

  take(byte: number): CsvRecord | null {
    if (byte === LINE_FEED) this.#line += 1;
    if (this.#place === 'quoted') {
      if (byte === QUOTE) this.#place = 'quote in quoted';
      else this.#hold(byte);
      return null;
    }
    if (this.#place === 'quote in quoted' && byte === QUOTE) {
      this.#hold(byte);
      this.#place = 'quoted';
      return null;
    }
    return this.#takeUnquoted(byte);
  }

  end(): CsvRecord | null {
    if (this.#place === 'quoted') {
      this.#problem =
        'opens a quote that is never closed; all that follows is taken for a part of it';
    }
    return this.#endRecord();
  }

  #takeUnquoted(byte: number): CsvRecord | null {
    if (byte === LINE_FEED) return this.#endRecord();
    if (this.#place === 'carriage return') this.#fail('has a carriage return within a line');
    if (byte === CARRIAGE_RETURN) {
      this.#place = 'carriage return';
      return null;
    }
    this.#isBlank = false;
    if (byte === COMMA) {
      this.#endField();
    } else if (byte === QUOTE && this.#place === 'field start') {
      this.#place = 'quoted';
    } else {
      if (byte === QUOTE) this.#fail('has a quote within a field that is not quoted');
      if (this.#place === 'quote in quoted') this.#fail('has text after a closing quote');
      this.#place = 'plain';
      this.#hold(byte);
    }
    return null;
  }

  #hold(byte: number): void {
    if (this.#length === this.#held.length) {
      this.#fail(`has more than ${this.#held.length} bytes`);
    } else {
      this.#held[this.#length] = byte;
      this.#length += 1;
    }
  }

  #fail(problem: string): void {
    this.#problem ??= problem;
  }

  #endField(): void {
    // A record of commas alone must not gather fields without end.
    if (this.#fields.length === this.#held.length) this.#fail('has too many fields');
    if (this.#problem === null) {
      const bytes = this.#held.subarray(this.#fieldStart, this.#length);
      try {
        this.#fields.push(UTF_8.decode(bytes));
      } catch {
        this.#fail('is not well-formed UTF-8');
      }
    }
    this.#fieldStart = this.#length;
    this.#place = 'field start';
  }

  #endRecord(): CsvRecord | null {
    const line = this.#firstLine;
    const isBlank = this.#isBlank;
    this.#endField();
    const record =
      this.#problem === null ? { line, fields: this.#fields } : { line, problem: this.#problem };
    this.#length = 0;
    this.#fieldStart = 0;
    this.#fields = [];
    this.#problem = null;
    this.#firstLine = this.#line;
    this.#isBlank = true;
    return isBlank ? null : record;
  }
}
