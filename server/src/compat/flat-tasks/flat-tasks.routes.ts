import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { noContent } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { listTaskSlice } from '../../modules/tasks/all-tasks.service.ts';
import { taskIdOf } from '../../modules/tasks/tasks.schema.ts';
import * as tasks from '../../modules/tasks/tasks.service.ts';
import { answerLikeFastApi, refusals } from '../fastapi-errors.ts';
import { readLikeFastApi } from '../fastapi-input.ts';
import { subjectOf } from '../subject.ts';
import { toTaskChange } from '../task-input.ts';
import { flatSessionRoutes } from './flat-sessions.routes.ts';
import * as schema from './flat-tasks.schema.ts';

const TASKS = '/api/tasks';
const credentials = ['foreign'] as const;
const reading = { access: 'tasks:read', credentials } as const;
const writing = { access: 'tasks:write', credentials } as const;
const tags = ['Compatibility: tasks'];
const ONE_FAILURES = [401, 403, 404, 422, 429, 503] as const;

/** `/api/tasks`, `/api/auth/…` and `/protected`, for clients of the two servers that had them. */
export function flatTaskRoutes(scope: Api, ctx: Context): void {
  answerLikeFastApi(scope, ctx);
  readLikeFastApi(scope);
  flatSessionRoutes(scope, ctx);
  collectionRoutes(scope, ctx);
  itemRoutes(scope, ctx);
  changeRoutes(scope, ctx);
  toggleRoute(scope, ctx);
  protectedRoute(scope);
}

function collectionRoutes(scope: Api, ctx: Context): void {
  scope.get(
    TASKS,
    {
      config: reading,
      schema: {
        operationId: 'listFlatTasks',
        tags,
        summary: 'Tasks, incomplete ones first, then newest first',
        description: '`X-Total-Count` says how many there are without `limit` and `offset`.',
        querystring: schema.FlatTaskQuery,
        response: { 200: Type.Array(refTo(schema.FlatTask)), ...refusals(401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const userId = subjectOf(actor);
      const slice = await listTaskSlice(ctx, actor, request.query);
      reply.header('x-total-count', slice.total);
      return slice.tasks.map((task) => schema.toFlatTask(task, userId));
    },
  );

  scope.post(
    TASKS,
    {
      config: writing,
      schema: {
        operationId: 'createFlatTask',
        tags,
        summary: 'Make a task',
        body: schema.NewFlatTask,
        response: { 201: refTo(schema.FlatTask), ...refusals(401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { title, description, status } = request.body;
      const { task } = await tasks.createTask(ctx, actorOf(request), {
        title,
        ...(description !== undefined && { description }),
        ...(status && { status }),
      });
      return reply.code(201).send(show(request, task));
    },
  );
}

function itemRoutes(scope: Api, ctx: Context): void {
  const params = schema.FlatTaskParams;

  scope.get(
    `${TASKS}/:id`,
    {
      config: reading,
      schema: {
        operationId: 'getFlatTask',
        tags,
        summary: 'Read a task',
        params,
        response: { 200: refTo(schema.FlatTask), ...refusals(...ONE_FAILURES) },
      },
    },
    async (request) =>
      show(request, await tasks.getTaskOutsideTrash(ctx, actorOf(request), taskIdOf(request))),
  );

  scope.delete(
    `${TASKS}/:id`,
    {
      config: writing,
      schema: {
        operationId: 'deleteFlatTask',
        tags,
        summary: 'Delete a task',
        params,
        response: { ...noContent, ...refusals(...ONE_FAILURES) },
      },
    },
    async (request, reply) => {
      await tasks.deleteTask(ctx, actorOf(request), taskIdOf(request), null);
      return reply.code(204).send();
    },
  );
}

/** One of the two servers knew PUT, the other PATCH; both changed the given fields only. */
function changeRoutes(scope: Api, ctx: Context): void {
  for (const [method, operationId] of [
    ['PUT', 'replaceFlatTask'],
    ['PATCH', 'changeFlatTask'],
  ] as const) {
    scope.route({
      method,
      url: `${TASKS}/:id`,
      config: writing,
      schema: {
        operationId,
        tags,
        summary: 'Change the given fields of a task',
        params: schema.FlatTaskParams,
        body: schema.FlatTaskChange,
        response: { 200: refTo(schema.FlatTask), ...refusals(...ONE_FAILURES) },
      },
      handler: async (request) => {
        const input = toTaskChange(request.body);
        return show(
          request,
          await tasks.changeTask(ctx, actorOf(request), taskIdOf(request), input, null),
        );
      },
    });
  }
}

function toggleRoute(scope: Api, ctx: Context): void {
  scope.patch(
    `${TASKS}/:id/toggle`,
    {
      config: writing,
      schema: {
        operationId: 'toggleFlatTask',
        tags,
        summary: 'Complete a task that is open, reopen one that is not',
        params: schema.FlatTaskParams,
        response: { 200: refTo(schema.FlatTask), ...refusals(...ONE_FAILURES) },
      },
    },
    async (request) =>
      show(request, await tasks.toggleCompletion(ctx, actorOf(request), taskIdOf(request))),
  );
}

function protectedRoute(scope: Api): void {
  scope.get(
    '/protected',
    {
      config: reading,
      schema: {
        operationId: 'getProtected',
        tags,
        summary: 'Whose token this is',
        response: {
          200: Type.Object({ user_id: Type.String() }),
          ...refusals(401, 403, 429, 503),
        },
      },
    },
    async (request) => ({ user_id: subjectOf(actorOf(request)) }),
  );
}

function show(request: FastifyRequest, task: tasks.TaskRow): schema.FlatTask {
  return schema.toFlatTask(task, subjectOf(actorOf(request)));
}
