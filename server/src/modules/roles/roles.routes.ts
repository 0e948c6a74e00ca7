import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, PageQuery, refTo, toPage } from '../../http/schema.ts';
import * as roles from './role-definitions.service.ts';
import * as schema from './roles.schema.ts';

const reading = { access: 'roles:read' } as const;
const writing = { access: 'roles:write' } as const;
const tags = ['Administration'];
const params = Type.Object({ name: schema.RoleName });

/** Roles, and the permissions that they are made of. */
export function roleRoutes(app: Api, ctx: Context): void {
  readRoutes(app, ctx);
  changeRoutes(app, ctx);
}

function readRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/admin/roles',
    {
      config: reading,
      schema: {
        operationId: 'listRoles',
        tags,
        summary: 'List roles',
        querystring: PageQuery,
        response: { 200: schema.RolePage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await roles.listRoles(ctx, request.query);
      return toPage(page, schema.toRoleResponse);
    },
  );

  app.get(
    '/api/v1/admin/permissions',
    {
      config: reading,
      schema: {
        operationId: 'listPermissions',
        tags,
        summary: 'List everything that a role can allow',
        response: { 200: schema.PermissionList, ...problems(401, 403, 429, 503) },
      },
    },
    async () => ({ items: await roles.listPermissions(ctx), next_cursor: null }),
  );
}

function changeRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/admin/roles',
    {
      config: writing,
      schema: {
        operationId: 'createRole',
        tags,
        summary: 'Make a role of permissions that one holds oneself',
        body: schema.NewRole,
        response: { 201: refTo(schema.Role), ...problems(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name, description = '', permissions } = request.body;
      const input = { name, description, permissions };
      const role = await roles.createRole(ctx, actorOf(request), input);
      return reply
        .code(201)
        .header('location', `/api/v1/admin/roles/${role.name}`)
        .send(schema.toRoleResponse(role));
    },
  );

  app.put(
    '/api/v1/admin/roles/:name',
    {
      config: writing,
      schema: {
        operationId: 'replaceRole',
        tags,
        summary: 'Replace description and permissions of a role',
        description: 'Takes effect at once for everybody who has it.',
        params,
        body: schema.WholeRole,
        response: { 200: refTo(schema.Role), ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      return schema.toRoleResponse(
        await roles.replaceRole(ctx, actorOf(request), name, request.body),
      );
    },
  );

  app.delete(
    '/api/v1/admin/roles/:name',
    {
      config: writing,
      schema: {
        operationId: 'removeRole',
        tags,
        summary: 'Remove a role, also from everybody who has it',
        params,
        body: EmptyBody,
        response: { 200: schema.RoleRemoval, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const removal = await roles.removeRole(ctx, actorOf(request), request.params.name);
      return { withdrawn_from: removal.withdrawnFrom };
    },
  );
}
