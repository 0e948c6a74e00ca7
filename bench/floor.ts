/**
 * What the platform itself must cost: a bare `node:http` server in one process with `pg`, the same
 * pool, the same prepared SQL, timestamps as text, the same JSON out; no authentication, validation,
 * limits, metrics or log.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';
import { newTaskId } from '../server/src/modules/tasks/task-id.ts';
import { listTasks } from '../server/src/modules/tasks/task-list.repository.ts';
import {
  findTask,
  insertTask,
  type TaskRow,
} from '../server/src/modules/tasks/tasks.repository.ts';
import { toTaskResponse } from '../server/src/modules/tasks/tasks.schema.ts';
import { connectionOptions } from '../server/src/platform/postgres/connection-options.ts';
import { rowTypes } from '../server/src/platform/postgres/row-types.ts';
import type { BoundStatement } from '../server/src/platform/postgres/statement.ts';

const [url = '', port = ''] = process.argv.slice(2);
const pool = new pg.Pool({
  ...connectionOptions(url).config,
  max: 25,
  min: 5,
  types: rowTypes,
  options: '-c timezone=UTC',
});

/** Runs the very statement that Docket's repository binds, on the bare pool. */
const queryable = {
  async run<Row>({ name, text, values }: BoundStatement<Row>): Promise<Row[]> {
    const query = name === undefined ? { text, values } : { name, text, values };
    return (await pool.query(query)).rows as Row[];
  },
  execute: () => Promise.reject(new Error('not measured')),
  runLast: () => Promise.reject(new Error('not measured')),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const userId = String(request.headers['x-user']);
  const path = request.url ?? '';
  if (path === '/nothing') return send(response, 200, { ok: true });
  if (request.method === 'POST') {
    const { title } = JSON.parse(await textOf(request)) as { title: string };
    const content = { userId, title, description: null, status: 'pending' as const };
    let row: TaskRow | undefined;
    while (!row) row = await insertTask(queryable, { ...content, id: newTaskId() });
    return send(response, 201, toTaskResponse(row));
  }
  if (path.startsWith('/tasks/')) {
    const row = await findTask(queryable, { userId, id: Number(path.slice('/tasks/'.length)) });
    return send(response, 200, row && toTaskResponse(row));
  }
  const rows = await listTasks(queryable, { userId, isTrash: false, sort: 'default', limit: 21 });
  const items = rows.slice(0, 20).map(toTaskResponse);
  return send(response, 200, { items, next_cursor: String(rows.at(-1)?.id) });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
}

createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(500).end());
}).listen(Number(port), '127.0.0.1');
