/** Everything that a role can allow; the rows of the table `permissions`. */
export const PERMISSIONS = [
  'account:read',
  'tasks:read',
  'tasks:write',
  'users:read',
  'users:update',
  'users:delete',
  'roles:read',
  'roles:write',
  'roles:assign',
  'audit:read',
  'jobs:read',
  'jobs:write',
  'stats:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const KNOWN: ReadonlySet<string> = new Set(PERMISSIONS);
const OWN_AFFAIRS: ReadonlySet<Permission> = new Set(['account:read', 'tasks:read', 'tasks:write']);

/** Whether a text names a permission. */
export function isPermission(text: unknown): text is Permission {
  return typeof text === 'string' && KNOWN.has(text);
}

/** Whether a permission is about other people, not about one's own account and tasks. */
export function isAdministrative(permission: Permission): boolean {
  return !OWN_AFFAIRS.has(permission);
}
