import { type Static, Type } from 'typebox';
import { PERMISSIONS } from '../../auth/permissions.ts';
import { PageOf, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { ROLE_NAME, type RoleRow } from './role-definitions.service.ts';

const closed = { additionalProperties: false };
const PermissionName = Words(PERMISSIONS, { examples: ['users:read'] });

export const RoleName = Type.String({
  pattern: ROLE_NAME.source,
  description: 'Small letters, digits and hyphens, at most 50; never changes.',
  examples: ['support'],
});

const Description = Type.String({
  'x-text': 'trim',
  maxLength: 500,
  examples: ['Helps people with their accounts'],
});

const Permissions = Type.Array(PermissionName, { maxItems: PERMISSIONS.length, uniqueItems: true });

export const NewRole = Type.Object(
  { name: RoleName, description: Type.Optional(Description), permissions: Permissions },
  closed,
);

export const WholeRole = Type.Object(
  { description: Description, permissions: Permissions },
  closed,
);

export const Role = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    is_builtin: Type.Boolean({ description: 'Part of Docket: cannot be removed.' }),
    permissions: Type.Array(PermissionName),
    holders: Type.Integer({ description: 'How many users have it; deleted ones are not counted.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'Role' },
);
export type Role = Static<typeof Role>;

export const RolePage = PageOf(Role);

export const RoleRemoval = Type.Object({
  withdrawn_from: Type.Integer({ description: 'How many users had the role.' }),
});

export const PermissionList = Type.Object({
  items: Type.Array(Type.Object({ name: PermissionName, description: Type.String() })),
  next_cursor: Type.Null(),
});

/** The role as the API shows it. */
export function toRoleResponse(row: RoleRow): Role {
  return {
    name: row.name,
    description: row.description,
    is_builtin: row.is_builtin,
    permissions: row.permissions,
    holders: row.holders,
    created_at: toRfc3339(row.created_at),
    updated_at: toRfc3339(row.updated_at),
  };
}
