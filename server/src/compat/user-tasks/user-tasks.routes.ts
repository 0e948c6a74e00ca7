import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../http/authenticate.ts';
import { noContent } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { listNewestTasks } from '../../modules/tasks/all-tasks.service.ts';
import { taskIdOf } from '../../modules/tasks/tasks.schema.ts';
import * as tasks from '../../modules/tasks/tasks.service.ts';
import { answerLikeFastApi, refusals } from '../fastapi-errors.ts';
import { readLikeFastApi } from '../fastapi-input.ts';
import { subjectOf } from '../subject.ts';
import { toTaskChange } from '../task-input.ts';
import * as schema from './user-tasks.schema.ts';

/** First segments below `/api` that are no user's: nothing below them is ever taken for a task list. */
const RESERVED = 'v1|auth|tasks|todos|docs|openapi\\.json';
const TASKS = `/api/:user_id((?!(?:${RESERVED})$)[\\s\\S]+)/tasks`;

const credentials = ['foreign'] as const;
const reading = { access: 'tasks:read', credentials } as const;
const writing = { access: 'tasks:write', credentials } as const;
const tags = ['Compatibility: tasks by user'];
const ONE_FAILURES = [401, 403, 404, 422, 429, 503] as const;

/** `/api/{user_id}/tasks`, for clients that name the user in every path. */
export function userTaskRoutes(scope: Api, ctx: Context): void {
  answerLikeFastApi(scope, ctx);
  readLikeFastApi(scope);
  scope.addHook('onRequest', (request, _reply, done) => {
    const { user_id: userId } = request.params as { user_id: string };
    const isOwn = userId === subjectOf(actorOf(request));
    done(isOwn ? undefined : new AppError('user.not_self'));
  });
  collectionRoutes(scope, ctx);
  itemRoutes(scope, ctx);
  changeRoutes(scope, ctx);
}

function collectionRoutes(scope: Api, ctx: Context): void {
  scope.get(
    TASKS,
    {
      config: reading,
      schema: {
        operationId: 'listUserTasks',
        tags,
        summary: 'All tasks, newest first',
        params: schema.UserParams,
        response: {
          200: Type.Array(refTo(schema.UserTask)),
          ...refusals(401, 403, 429, 503),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const userId = subjectOf(actor);
      return (await listNewestTasks(ctx, actor)).map((task) => schema.toUserTask(task, userId));
    },
  );

  scope.post(
    TASKS,
    {
      config: writing,
      schema: {
        operationId: 'createUserTask',
        tags,
        summary: 'Make a task',
        params: schema.UserParams,
        body: schema.NewUserTask,
        response: { 201: refTo(schema.UserTask), ...refusals(401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { task } = await tasks.createTask(ctx, actorOf(request), request.body);
      return reply.code(201).send(show(request, task));
    },
  );
}

function itemRoutes(scope: Api, ctx: Context): void {
  const params = schema.UserTaskParams;

  scope.get(
    `${TASKS}/:id`,
    {
      config: reading,
      schema: {
        operationId: 'getUserTask',
        tags,
        summary: 'Read a task',
        params,
        response: { 200: refTo(schema.UserTask), ...refusals(...ONE_FAILURES) },
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
        operationId: 'deleteUserTask',
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

function changeRoutes(scope: Api, ctx: Context): void {
  const params = schema.UserTaskParams;
  const response = { 200: refTo(schema.UserTask), ...refusals(...ONE_FAILURES) };

  scope.put(
    `${TASKS}/:id`,
    {
      config: writing,
      schema: {
        operationId: 'replaceUserTask',
        tags,
        summary: 'Change the given fields of a task',
        params,
        body: schema.UserTaskChange,
        response,
      },
    },
    async (request) => {
      const input = toTaskChange(request.body);
      return show(
        request,
        await tasks.changeTask(ctx, actorOf(request), taskIdOf(request), input, null),
      );
    },
  );

  scope.patch(
    `${TASKS}/:id/complete`,
    {
      config: writing,
      schema: {
        operationId: 'completeUserTask',
        tags,
        summary: 'Complete or reopen a task',
        params,
        body: schema.UserTaskCompletion,
        response,
      },
    },
    async (request) => {
      const { completed } = request.body;
      return show(
        request,
        await tasks.setCompletion(ctx, actorOf(request), taskIdOf(request), completed, null),
      );
    },
  );
}

function show(request: FastifyRequest, task: tasks.TaskRow): schema.UserTask {
  return schema.toUserTask(task, subjectOf(actorOf(request)));
}
