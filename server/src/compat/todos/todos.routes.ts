import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { invalidField } from '../../errors.ts';
import { actorOf } from '../../http/authenticate.ts';
import { readJsonBodies } from '../../http/json-body.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { trimText } from '../../http/text.ts';
import { listNewestTasks } from '../../modules/tasks/all-tasks.service.ts';
import { taskIdOf } from '../../modules/tasks/tasks.schema.ts';
import * as tasks from '../../modules/tasks/tasks.service.ts';
import { signInRoutes } from './sign-in.routes.ts';
import { answerLikeTodos } from './todo-errors.ts';
import * as schema from './todos.schema.ts';

const credentials = ['foreign', 'session-cookie'] as const;
const reading = { access: 'tasks:read', credentials } as const;
const writing = { access: 'tasks:write', credentials } as const;
/** A bearer token, or the cookie of a page of this site. */
const security = [{ bearer: [] }, { refreshCookie: [] }];
const tags = ['Compatibility: todos'];

/** `/api/todos`, for the front end of the todo application and programs written against it. */
export function todoRoutes(scope: Api, ctx: Context): void {
  answerLikeTodos(scope, ctx);
  // Fields that nobody knows are ignored, whatever their names.
  readJsonBodies(scope, 'remove');
  collectionRoutes(scope, ctx);
  itemRoutes(scope, ctx);
  signInRoutes(scope, ctx);
}

function collectionRoutes(scope: Api, ctx: Context): void {
  scope.get(
    '/api/todos',
    {
      config: reading,
      schema: {
        operationId: 'listTodos',
        tags,
        summary: 'All todos, newest first',
        security,
        response: {
          200: Type.Array(refTo(schema.Todo)),
          ...schema.refusals(401, 403, 429, 503),
        },
      },
    },
    async (request) => (await listNewestTasks(ctx, actorOf(request))).map(schema.toTodo),
  );

  scope.post(
    '/api/todos',
    {
      config: writing,
      schema: {
        operationId: 'createTodo',
        tags,
        summary: 'Make a todo',
        security,
        body: schema.NewTodo,
        response: { 201: refTo(schema.Todo), ...schema.refusals(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const title = textOf(request.body.text);
      const { task } = await tasks.createTask(ctx, actorOf(request), { title });
      return reply.code(201).send(schema.toTodo(task));
    },
  );
}

function itemRoutes(scope: Api, ctx: Context): void {
  const params = schema.TodoParams;

  scope.put(
    '/api/todos/:id',
    {
      config: writing,
      schema: {
        operationId: 'changeTodo',
        tags,
        summary: 'Change the text of a todo, or complete or reopen it',
        security,
        params,
        body: schema.TodoChange,
        response: { 200: refTo(schema.Todo), ...schema.refusals(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { text, completed } = request.body;
      const change = {
        ...(text !== undefined && { title: textOf(text) }),
        ...(completed !== undefined && { completed }),
      };
      const task = await tasks.changeTask(ctx, actorOf(request), taskIdOf(request), change, null);
      return schema.toTodo(task);
    },
  );

  scope.delete(
    '/api/todos/:id',
    {
      config: writing,
      schema: {
        operationId: 'deleteTodo',
        tags,
        summary: 'Delete a todo, which is answered once more',
        security,
        params,
        response: { 200: refTo(schema.Todo), ...schema.refusals(401, 403, 404, 429, 503) },
      },
    },
    async (request) =>
      schema.toTodo(await tasks.deleteTask(ctx, actorOf(request), taskIdOf(request), null)),
  );
}

/** Kept as it is, unless it is blank. */
function textOf(text: string): string {
  if (trimText(text) === '') throw invalidField('/text', 'must not be empty');
  return text;
}
