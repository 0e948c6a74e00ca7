import { type Static, Type } from 'typebox';
import { AppError, type FieldError } from '../../errors.ts';
import { Nullable, Timestamp } from '../../http/schema.ts';
import { createValidatorCompiler } from '../../http/validation.ts';
import type { ImportedUser } from './import-users.ts';
import { Email, Registration } from './users.schema.ts';

/** One line of a file of users to import. */
const UserLine = Type.Object(
  {
    email: Email,
    name: Registration.properties.name,
    password_hash: Type.Optional(Nullable(Type.String({ 'x-text': 'keep' }))),
    email_verified: Type.Optional(Type.Boolean()),
    created_at: Type.Optional(Timestamp),
    roles: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
  },
  { additionalProperties: false },
);
type UserLine = Static<typeof UserLine>;

const validate = createValidatorCompiler()({
  schema: UserLine,
  method: 'POST',
  url: '',
  httpPart: 'body',
});

/** Reads a line of JSON by the rules that hold for bodies of requests. */
export function readUserLine(bytes: Buffer): { user: ImportedUser } | { errors: FieldError[] } {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { errors: [{ pointer: '', detail: 'is not well-formed JSON in UTF-8' }] };
  }
  const result = validate(data) as { value: UserLine } | { error: Error };
  if ('value' in result) return { user: toImportedUser(result.value) };
  if (result.error instanceof AppError) return { errors: result.error.errors ?? [] };
  throw result.error;
}

function toImportedUser(line: UserLine): ImportedUser {
  return {
    email: line.email,
    name: line.name ?? null,
    passwordHash: line.password_hash ?? null,
    isEmailVerified: line.email_verified ?? false,
    createdAt: line.created_at ?? null,
    roles: line.roles ?? [],
  };
}
