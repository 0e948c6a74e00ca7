import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import {
  etagOf,
  headersOf,
  IF_MATCH_HEADER,
  IF_NONE_MATCH_HEADER,
  isNotModified,
  versionsOfIfMatch,
} from '../../http/etag.ts';
import { IDEMPOTENCY_HEADER, sendOnce } from '../../http/idempotency.ts';
import { noContent, notModified, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, refTo, toPage } from '../../http/schema.ts';
import { listTasks } from './list-tasks.ts';
import type { TaskRow } from './tasks.repository.ts';
import * as schema from './tasks.schema.ts';
import * as tasks from './tasks.service.ts';

const reading = { access: 'tasks:read' } as const;
const writing = { access: 'tasks:write' } as const;
const tags = ['Tasks'];
const READ_FAILURES = [400, 401, 429, 503] as const;
const WRITE_FAILURES = [400, 401, 404, 412, 429, 503] as const;
const TASK_ANSWER = { 200: refTo(schema.Task), ...problems(...WRITE_FAILURES) };

/** One's own tasks; nobody else's are ever seen here. */
export function taskRoutes(app: Api, ctx: Context): void {
  collectionRoutes(app, ctx);
  readRoutes(app, ctx);
  changeRoutes(app, ctx);
  completionRoute(app, ctx);
  trashRoutes(app, ctx);
}

function collectionRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/tasks',
    {
      config: reading,
      schema: {
        operationId: 'listTasks',
        tags,
        summary: 'List tasks',
        querystring: schema.TaskQuery,
        response: { 200: schema.TaskPage, ...problems(...READ_FAILURES) },
      },
    },
    async (request) => {
      const page = await listTasks(ctx, actorOf(request), request.query);
      return toPage(page, schema.toTaskResponse);
    },
  );

  app.post(
    '/api/v1/tasks',
    {
      config: writing,
      schema: {
        operationId: 'createTask',
        tags,
        summary: 'Make a task',
        headers: headersOf(IDEMPOTENCY_HEADER),
        body: schema.NewTask,
        response: {
          201: refTo(schema.Task),
          200: refTo(schema.Task),
          ...problems(400, 401, 409, 422, 429, 503),
        },
      },
    },
    (request, reply) =>
      sendOnce(ctx, request, reply, async (inner) => {
        const { task, isNew } = await tasks.createTask(inner, actorOf(request), request.body);
        const headers = { etag: etagOf(task.version), location: `/api/v1/tasks/${task.id}` };
        return { status: isNew ? 201 : 200, headers, body: schema.toTaskResponse(task) };
      }),
  );

  app.post(
    '/api/v1/tasks/bulk',
    {
      config: writing,
      schema: {
        operationId: 'changeTasks',
        tags,
        summary: 'Complete, reopen, delete or restore many tasks at once',
        headers: headersOf(IDEMPOTENCY_HEADER),
        body: schema.BulkRequest,
        response: { 200: schema.BulkResult, ...problems(400, 401, 409, 422, 429, 503) },
      },
    },
    (request, reply) =>
      sendOnce(ctx, request, reply, async (inner) => {
        const { action, ids } = request.body;
        return { status: 200, body: await tasks.changeTasks(inner, actorOf(request), action, ids) };
      }),
  );
}

function readRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/tasks/counts',
    {
      config: reading,
      schema: {
        operationId: 'countTasks',
        tags,
        summary: 'Count tasks by status, and those in the trash',
        response: { 200: schema.TaskCounts, ...problems(401, 429, 503) },
      },
    },
    async (request) => tasks.countTasks(ctx, actorOf(request)),
  );

  app.get(
    '/api/v1/tasks/:id',
    {
      config: reading,
      schema: {
        operationId: 'getTask',
        tags,
        summary: 'Read a task',
        params: schema.TaskParams,
        headers: headersOf(IF_NONE_MATCH_HEADER),
        response: { 200: refTo(schema.Task), ...notModified, ...problems(401, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const task = await tasks.getTask(ctx, actorOf(request), schema.taskIdOf(request));
      reply.header('etag', etagOf(task.version));
      if (isNotModified(request.headers['if-none-match'], task.version)) {
        return reply.code(304).send();
      }
      return reply.send(schema.toTaskResponse(task));
    },
  );
}

function changeRoutes(app: Api, ctx: Context): void {
  const params = schema.TaskParams;
  const response = TASK_ANSWER;
  // Replacing is changing every field: the schema asks for all of them.
  const change = (request: FastifyRequest, input: tasks.TaskChangeInput) =>
    tasks.changeTask(ctx, actorOf(request), schema.taskIdOf(request), input, versionsOf(request));

  app.put(
    '/api/v1/tasks/:id',
    {
      config: writing,
      schema: {
        operationId: 'replaceTask',
        tags,
        summary: 'Replace title, description and status of a task',
        params,
        headers: headersOf(IF_MATCH_HEADER),
        body: schema.WholeTask,
        response,
      },
    },
    async (request, reply) => sendTask(reply, await change(request, request.body)),
  );

  app.patch(
    '/api/v1/tasks/:id',
    {
      config: writing,
      schema: {
        operationId: 'changeTask',
        tags,
        summary: 'Change some fields of a task',
        params,
        headers: headersOf(IF_MATCH_HEADER),
        body: schema.TaskChange,
        response,
      },
    },
    async (request, reply) => sendTask(reply, await change(request, request.body)),
  );
}

function completionRoute(app: Api, ctx: Context): void {
  app.put(
    '/api/v1/tasks/:id/completion',
    {
      config: writing,
      schema: {
        operationId: 'setTaskCompletion',
        tags,
        summary: 'Complete or reopen a task',
        params: schema.TaskParams,
        headers: headersOf(IF_MATCH_HEADER),
        body: schema.Completion,
        response: TASK_ANSWER,
      },
    },
    async (request, reply) => {
      const { completed } = request.body;
      const task = await tasks.setCompletion(
        ctx,
        actorOf(request),
        schema.taskIdOf(request),
        completed,
        versionsOf(request),
      );
      return sendTask(reply, task);
    },
  );
}

function trashRoutes(app: Api, ctx: Context): void {
  app.delete(
    '/api/v1/tasks/:id',
    {
      config: writing,
      schema: {
        operationId: 'deleteTask',
        tags,
        summary: 'Move a task to the trash, where it stays for 30 days',
        params: schema.TaskParams,
        headers: headersOf(IF_MATCH_HEADER),
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 401, 404, 412, 429, 503) },
      },
    },
    async (request, reply) => {
      await tasks.deleteTask(ctx, actorOf(request), schema.taskIdOf(request), versionsOf(request));
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/tasks/:id/restore',
    {
      config: writing,
      schema: {
        operationId: 'restoreTask',
        tags,
        summary: 'Take a task out of the trash',
        params: schema.TaskParams,
        headers: headersOf(IDEMPOTENCY_HEADER, IF_MATCH_HEADER),
        body: EmptyBody,
        response: { ...TASK_ANSWER, ...problems(409, 422) },
      },
    },
    (request, reply) =>
      sendOnce(ctx, request, reply, async (inner) => {
        const task = await tasks.restoreTask(
          inner,
          actorOf(request),
          schema.taskIdOf(request),
          versionsOf(request),
        );
        return {
          status: 200,
          headers: { etag: etagOf(task.version) },
          body: schema.toTaskResponse(task),
        };
      }),
  );
}

function versionsOf(request: FastifyRequest): number[] | null {
  return versionsOfIfMatch(request.headers['if-match']);
}

function sendTask(reply: FastifyReply, task: TaskRow): FastifyReply {
  return reply.header('etag', etagOf(task.version)).send(schema.toTaskResponse(task));
}
