import { type Static, type TSchema, Type } from 'typebox';
import type { Page } from '../auth/cursor.ts';

/** A schema that also allows null; written as a list of types, which serialises faster than a union. */
export function Nullable<T extends TSchema>(schema: T) {
  const { type } = schema as unknown as { type: string };
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'] });
}

/** One of a closed list of words. */
export function Words<const T extends string>(words: readonly T[], options: object = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...words], ...options });
}

/** The body of a request that needs none. */
export const EmptyBody = Type.Object({}, { additionalProperties: false, 'x-optional': true });

/** The answer where a mail or a job follows. */
export const Accepted = Type.Object({ status: Words(['accepted']) });

/** The query of lists without filters. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(
      Type.String({ maxLength: 4096, description: 'The `next_cursor` of the page before.' }),
    ),
  },
  { additionalProperties: false },
);

/** One page of a list, and the cursor of the next. */
export function PageOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(refTo(item)), next_cursor: Nullable(Type.String()) });
}

/** The page as the API shows it. */
export function toPage<Row, Item>({ items, nextCursor }: Page<Row>, show: (row: Row) => Item) {
  return { items: items.map((row) => show(row)), next_cursor: nextCursor };
}

export const Timestamp = Type.String({
  format: 'date-time',
  description: 'RFC 3339 in UTC with milliseconds.',
  examples: ['2026-01-31T09:00:00.000Z'],
});

export const ProblemDocument = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: '`urn:uuid:` and the request id.' }),
    code: Type.String({ description: 'Stable name of the reason.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer to the field.' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: 'Problem', description: 'An error document of RFC 9457.' },
);

/** A schema that stands once in the description, under its `$id`, and is referred to from elsewhere. */
export function refTo<T extends TSchema>(schema: T) {
  const { $id } = schema as unknown as { $id: string };
  return Type.Unsafe<Static<T>>({ $ref: `${$id}#` });
}

/** Schemas that belong to no module. */
export const SHARED_SCHEMAS = [ProblemDocument];
