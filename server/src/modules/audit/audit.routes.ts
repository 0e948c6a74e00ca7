import type { Context } from '../../context.ts';
import { actorOf, sessionActorOf } from '../../http/authenticate.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { PageQuery, toPage } from '../../http/schema.ts';
import * as schema from './audit.schema.ts';
import * as audit from './audit-list.service.ts';

/** One's own activity, and the audit log of everybody. */
export function auditRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me/activity',
    {
      config: { access: 'session' },
      schema: {
        operationId: 'listActivity',
        tags: ['Account'],
        summary: "List what concerns one's own account, the newest first",
        querystring: PageQuery,
        response: { 200: schema.ActivityPage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const actor = sessionActorOf(request);
      const page = await audit.listActivity(ctx, actor, request.query);
      return toPage(page, (row) => schema.toActivity(row, actor.userId));
    },
  );

  app.get(
    '/api/v1/admin/audit',
    {
      config: { access: 'audit:read' },
      schema: {
        operationId: 'listAuditEvents',
        tags: ['Administration'],
        summary: 'List events of the audit log, the newest first',
        description: 'Reading it is an event itself.',
        querystring: schema.AuditQuery,
        response: { 200: schema.AuditPage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await audit.listEvents(ctx, actorOf(request), request.query);
      return toPage(page, schema.toAuditEvent);
    },
  );

  app.get(
    '/api/v1/admin/audit/verify',
    {
      config: { access: 'audit:read' },
      schema: {
        operationId: 'verifyAuditLog',
        tags: ['Administration'],
        summary: 'Verify the audit log',
        description: 'Reads all of it: some seconds for each hundred thousand events.',
        response: { 200: schema.Verification, ...problems(401, 403, 429, 503) },
      },
    },
    async (request) =>
      schema.toVerification(await audit.verifyForAdministrator(ctx, actorOf(request))),
  );
}
