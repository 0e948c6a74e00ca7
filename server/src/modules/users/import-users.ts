import type { OperatorActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { UnusableHashError } from '../../auth/password-schemes/password-check.ts';
import { readPasswordHash } from '../../auth/password-schemes/read-password-hash.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import type { FieldError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { DEFAULT_ROLE, grantRoles, keepExistingRoles } from '../roles/roles.service.ts';
import * as repository from './import-users.repository.ts';

const BATCH = 200;

/** A user as another system knew them. */
export interface ImportedUser {
  email: string;
  name: string | null;
  /** Of any scheme that is understood; null: they set a password by "forgot password". */
  passwordHash: string | null;
  isEmailVerified: boolean;
  createdAt: string | null;
  /** Beyond the role of everybody. */
  roles: string[];
}

/** A line of the file: a user, or what is wrong with it. */
export type ImportLine = { line: number } & ({ user: ImportedUser } | { errors: FieldError[] });

/** What became of a line. */
export type ImportOutcome =
  | { line: number; outcome: 'created' | 'unchanged' }
  | { line: number; outcome: 'rejected'; errors: FieldError[] };

interface ImportOptions {
  /** Whether lines may give roles beyond the one of everybody. */
  mayGrantRoles: boolean;
}

/**
 * Adds users from elsewhere and tells what became of each line, in their order. Whoever is there
 * already stays as they are, so that a file can be imported again after an interruption. What is
 * told has been committed.
 */
export async function* importUsers(
  ctx: Pick<Context, 'db'>,
  actor: OperatorActor,
  lines: AsyncIterable<ImportLine>,
  options: ImportOptions,
): AsyncGenerator<ImportOutcome> {
  let batch: ImportLine[] = [];
  for await (const line of lines) {
    batch.push(options.mayGrantRoles ? line : withoutRoles(line));
    if (batch.length < BATCH) continue;
    yield* await importBatch(ctx, actor, batch);
    batch = [];
  }
  yield* await importBatch(ctx, actor, batch);
}

function withoutRoles(line: ImportLine): ImportLine {
  if (!('user' in line) || line.user.roles.every((role) => role === DEFAULT_ROLE)) return line;
  const detail = 'gives roles, which only --allow-roles permits';
  return { line: line.line, errors: [{ pointer: '/roles', detail }] };
}

function importBatch(
  ctx: Pick<Context, 'db'>,
  actor: OperatorActor,
  batch: ImportLine[],
): Promise<ImportOutcome[]> {
  return ctx.db.transaction(async (tx) => {
    const named = batch.flatMap((entry) => ('user' in entry ? entry.user.roles : []));
    const knownRoles = await keepExistingRoles(tx, [...new Set(named)]);
    const outcomes: ImportOutcome[] = [];
    for (const entry of batch) {
      const { line } = entry;
      const errors = 'user' in entry ? problemsOf(entry.user, knownRoles) : entry.errors;
      if (!('user' in entry) || errors.length > 0) {
        outcomes.push({ line, outcome: 'rejected', errors });
      } else {
        const isNew = await importUser(tx, actor, entry.user);
        outcomes.push({ line, outcome: isNew ? 'created' : 'unchanged' });
      }
    }
    return outcomes;
  });
}

/** What the form of a line does not show. */
function problemsOf(user: ImportedUser, knownRoles: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  const hashProblem = user.passwordHash === null ? null : problemOfHash(user.passwordHash);
  if (hashProblem) errors.push({ pointer: '/password_hash', detail: hashProblem });
  if (user.createdAt !== null && !isPast(user.createdAt)) {
    errors.push({ pointer: '/created_at', detail: 'must be between 1970 and now' });
  }
  for (const [index, role] of user.roles.entries()) {
    if (!knownRoles.has(role)) {
      errors.push({ pointer: `/roles/${index}`, detail: 'is not a role of this server' });
    }
  }
  return errors;
}

/** Before the year 1 there is no time that can be shown. */
function isPast(time: string): boolean {
  const ms = Date.parse(time);
  return ms >= 0 && ms <= Date.now();
}

function problemOfHash(hash: string): string | null {
  try {
    readPasswordHash(hash);
    return null;
  } catch (error) {
    if (error instanceof UnusableHashError) return error.message;
    throw error;
  }
}

async function importUser(
  tx: Queryable,
  actor: OperatorActor,
  user: ImportedUser,
): Promise<boolean> {
  const id = uuidV7();
  const isNew = await repository.insertPastUser(tx, {
    id,
    email: user.email,
    canonicalEmail: canonicalEmail(user.email),
    name: user.name,
    passwordHash: user.passwordHash,
    status: user.isEmailVerified ? 'active' : 'unverified',
    isEmailVerified: user.isEmailVerified,
    createdAt: user.createdAt,
  });
  if (!isNew) return false;
  const roles = [...new Set([DEFAULT_ROLE, ...user.roles])];
  await grantRoles(tx, id, roles);
  await recordEvent(tx, actor, {
    action: 'user.imported',
    target: { kind: 'user', id },
    userId: id,
    changes: { roles },
  });
  return true;
}
