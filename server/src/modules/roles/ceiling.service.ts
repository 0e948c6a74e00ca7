import type { OperatorActor, UserActor } from '../../auth/actor.ts';
import { PERMISSIONS, type Permission } from '../../auth/permissions.ts';
import { AppError, type ErrorCode } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './roles.repository.ts';

/** Whoever administers: somebody with a permission, or whoever has the command line. */
export type Administrator = UserActor | OperatorActor;

/**
 * What the actor may do at this moment, whatever their token says. Their account, and those of
 * `userIds`, stay as they are until the transaction ends. Roles that the act concerns are to be
 * locked before, since everybody locks roles first.
 * @throws permission.missing without `permission`, session.invalid for an account that does not stand
 */
export async function holdPermissions(
  db: Queryable,
  actor: Administrator,
  permission: Permission,
  userIds: string[] = [],
): Promise<ReadonlySet<Permission>> {
  if (actor.kind === 'operator') {
    await repository.lockUsers(db, userIds);
    return new Set(PERMISSIONS);
  }
  const locked = await repository.lockUsers(db, [actor.userId, ...userIds]);
  const own = locked.find((user) => user.id === actor.userId);
  if (!own || own.is_deleted || own.status === 'disabled') throw new AppError('session.invalid');
  const { permissions } = await repository.findAccess(db, actor.userId);
  // A program has what its token is for, and no more than its owner.
  const held = new Set(
    actor.kind === 'user' ? permissions : permissions.filter((it) => actor.permissions.has(it)),
  );
  if (!held.has(permission)) throw new AppError('permission.missing');
  return held;
}

/** Refuses with `code` what takes more than the actor holds. */
export function requireWithin(
  held: ReadonlySet<Permission>,
  needed: Iterable<Permission>,
  code: ErrorCode,
): void {
  for (const permission of needed) {
    if (!held.has(permission)) throw new AppError(code);
  }
}
