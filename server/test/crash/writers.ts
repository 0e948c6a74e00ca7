import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, stateOf, type TaskOnTheWire } from './client.ts';
import type { Ledger, TaskState } from './ledger.ts';

const GROUP_SIZE = 6;
const BACK_OFF_MS = 30;

/** People writing at the same time until they are stopped. */
export interface Writers {
  /** Lets each finish what it has sent; resolves with answers that no correct server gives. */
  stop(): Promise<string[]>;
}

interface Writer {
  client: Client;
  ledger: Ledger;
  random: () => number;
  name: string;
  nextId: () => number;
  ids: number[];
  /** Only changed together. */
  group: number[];
  faults: string[];
}

/** Starts `count` writers that keep their tasks apart; `round` makes their ids and titles new. */
export function startWriters(
  count: number,
  round: number,
  random: () => number,
  client: Client,
  ledger: Ledger,
): Writers {
  let isStopped = false;
  const writers = Array.from({ length: count }, (_, index): Writer => {
    const firstId = 1 + round * 1_000_000 + index * 10_000;
    let used = 0;
    const nextId = () => firstId + used++;
    const name = `round ${round} writer ${index}`;
    return { client, ledger, random, name, nextId, ids: [], group: [], faults: [] };
  });
  const running = writers.map(async (writer) => {
    while (!isStopped) {
      if (!(await step(writer))) await sleep(BACK_OFF_MS);
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(running);
      return writers.flatMap(({ faults }) => faults);
    },
  };
}

/** Sends one write; false when no positive answer came. */
async function step(writer: Writer): Promise<boolean> {
  const { ledger, random } = writer;
  if (writer.group.length < GROUP_SIZE) return await create(writer, writer.group);
  const usable = ledger.settledIds(writer.ids).filter((id) => !ledger.stateOf(id).isDeleted);
  const id = usable[Math.floor(random() * usable.length)];
  const choice = random();
  if (id === undefined || choice < 0.35) return await create(writer, writer.ids);
  if (choice < 0.7) return await change(writer, id);
  if (choice < 0.8) return await complete(writer, id);
  if (choice < 0.85) return await trash(writer, id);
  return await changeGroup(writer);
}

async function create(writer: Writer, ids: number[]): Promise<boolean> {
  const id = writer.nextId();
  const title = `${writer.name} task ${id}`;
  const content = { title, description: `made as ${id}`, status: 'pending' as const };
  const state = { ...content, version: 1, isDeleted: false };
  ids.push(id);
  return await send(writer, 'POST', '/api/v1/tasks', { id, ...content }, new Map([[id, state]]));
}

/** Title, description and status carry the same number, so that a part of them would show. */
async function change(writer: Writer, id: number): Promise<boolean> {
  const before = writer.ledger.stateOf(id);
  const version = before.version + 1;
  const status = version % 2 === 0 ? ('in_progress' as const) : ('pending' as const);
  const content = {
    title: `${writer.name} task ${id} version ${version}`,
    description: `version ${version}`,
    status,
  };
  const after = new Map([[id, { ...before, ...content, version }]]);
  return await send(writer, 'PATCH', `/api/v1/tasks/${id}`, content, after);
}

async function complete(writer: Writer, id: number): Promise<boolean> {
  const before = writer.ledger.stateOf(id);
  const completed = before.status !== 'completed';
  const after = new Map([[id, withCompletion(before, completed)]]);
  return await send(writer, 'PUT', `/api/v1/tasks/${id}/completion`, { completed }, after);
}

async function trash(writer: Writer, id: number): Promise<boolean> {
  const before = writer.ledger.stateOf(id);
  const after = new Map([[id, { ...before, isDeleted: true, version: before.version + 1 }]]);
  return await send(writer, 'DELETE', `/api/v1/tasks/${id}`, undefined, after);
}

async function changeGroup(writer: Writer): Promise<boolean> {
  const ids = writer.ledger.settledIds(writer.group);
  const [first] = ids;
  if (ids.length < GROUP_SIZE || first === undefined) return await create(writer, writer.ids);
  const completed = writer.ledger.stateOf(first).status !== 'completed';
  const action = completed ? 'complete' : 'reopen';
  const after = new Map(
    ids.map((id) => [id, withCompletion(writer.ledger.stateOf(id), completed)]),
  );
  return await send(writer, 'POST', '/api/v1/tasks/bulk', { action, ids }, after);
}

function withCompletion(before: TaskState, completed: boolean): TaskState {
  return { ...before, status: completed ? 'completed' : 'pending', version: before.version + 1 };
}

async function send(
  writer: Writer,
  method: string,
  path: string,
  body: unknown,
  after: Map<number, TaskState>,
): Promise<boolean> {
  const acknowledge = writer.ledger.begin(after);
  const answer = await writer.client.send(method, path, body);
  if (answer === null || answer.status >= 500) return false;
  const [[id, expected] = []] = after;
  if (answer.status >= 300) {
    writer.faults.push(`${method} ${path} was answered ${JSON.stringify(answer)}`);
    return false;
  }
  acknowledge();
  if (
    isTask(answer.body) &&
    JSON.stringify(sorted(stateOf(answer.body))) !== JSON.stringify(sorted(expected))
  ) {
    writer.faults.push(`${method} ${path} for ${id} answered ${JSON.stringify(answer.body)}`);
  }
  return true;
}

function isTask(body: unknown): body is TaskOnTheWire {
  return typeof body === 'object' && body !== null && 'title' in body;
}

function sorted(state: TaskState | undefined): unknown {
  return Object.entries(state ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}
