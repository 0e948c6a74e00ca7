import { hash, timingSafeEqual } from 'node:crypto';
import { invalidField } from '../errors.ts';

/** Values of the sort columns of the last item of a page. */
export type CursorKey = (string | number | boolean)[];

const MAC_BYTES = 16;

/**
 * Packs where a page ended. `scope` names everything that the position depends on (whose list,
 * which filters, which sort): a cursor is good for that scope alone.
 */
export function encodeCursor(key: Buffer, scope: string, position: CursorKey): string {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([macOf(key, scope, payload), payload]).toString('base64url');
}

/**
 * Unpacks a cursor made for the same scope.
 * @throws request.invalid for anything else, whoever made it
 */
export function decodeCursor(key: Buffer, scope: string, cursor: string): CursorKey {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(MAC_BYTES);
  const isOurs =
    bytes.length > MAC_BYTES &&
    bytes.toString('base64url') === cursor &&
    timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(key, scope, payload));
  if (!isOurs) throw invalidField('/cursor', 'does not belong to this list, filter and sort');
  return JSON.parse(payload.toString());
}

/** One page, and the cursor of the next; null on the last. */
export interface Page<Row> {
  items: Row[];
  nextCursor: string | null;
}

/**
 * Makes a page of rows of which one more than `limit` was asked for, to tell whether there is a next
 * one. `positionOf` gives the sort values of a row.
 */
export function pageOf<Row>(
  key: Buffer,
  scope: string,
  rows: Row[],
  limit: number,
  positionOf: (row: Row) => CursorKey,
): Page<Row> {
  const items = rows.length > limit ? rows.slice(0, limit) : rows;
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? encodeCursor(key, scope, positionOf(last)) : null };
}

/**
 * SHA3-256 of key and message. Unlike SHA-2 it cannot be extended, so that prefixing the key is a
 * MAC (https://keccak.team/keccak_strengths.html); an HMAC object for every page of a list costs
 * more than reading the page.
 */
function macOf(key: Buffer, scope: string, payload: Buffer): Buffer {
  const message = Buffer.concat([key, Buffer.from(`${scope}\0`), payload]);
  return hash('sha3-256', message, 'buffer').subarray(0, MAC_BYTES);
}
