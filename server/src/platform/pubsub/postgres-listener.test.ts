import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { endSessions, useTestDatabase } from '../../../test/harness/database.ts';
import { until } from '../../../test/harness/until.ts';
import { connectClient } from '../postgres/client.ts';
import { PostgresListener } from './postgres-listener.ts';

const database = useTestDatabase();
const open: PostgresListener[] = [];

afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
});

function listen() {
  const heard: string[] = [];
  const counts = { gaps: 0, errors: 0 };
  const listener = new PostgresListener({
    connect: () => connectClient(database.serving),
    channel: 'test_channel',
    onMessage: (message) => heard.push(message),
    onGap: () => (counts.gaps += 1),
    onError: () => (counts.errors += 1),
  });
  open.push(listener);
  listener.start();
  return { listener, heard, counts };
}

async function notify(message: string) {
  const client = await connectClient(database.serving);
  await client.query("SELECT pg_notify('test_channel', $1)", [message]);
  await client.end();
}

test('it hears nothing before it listens, then every message in order, and no heartbeat of its own or of others', async () => {
  const [one, two] = [listen(), listen()];
  expect(one.listener.isHearing()).toBe(false);
  await until(() => one.listener.isHearing() && two.listener.isHearing());
  for (const message of ['a', 'b', 'c']) await notify(message);
  await until(() => one.heard.length === 3 && two.heard.length === 3);
  expect([one.heard, two.heard]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  expect(one.counts).toEqual({ gaps: 1, errors: 0 });
});

test('it is deaf from the moment its connection is lost, tells of the gap when it is back, and hears again', async () => {
  const { listener, heard, counts } = listen();
  await until(() => listener.isHearing());
  await endSessions(database, 'pg_notify|LISTEN');
  await until(() => !listener.isHearing(), 1000);
  expect(counts.gaps).toBe(1);
  await until(() => listener.isHearing());
  expect(counts.gaps).toBe(2);
  expect(counts.errors).toBeGreaterThan(0);
  await notify('after');
  await until(() => heard.includes('after'));
});

test('it is deaf within a second where the connection stays but nothing comes over it', async () => {
  let socket: Socket | undefined;
  const listener = new PostgresListener({
    connect: async () => {
      const client = await connectClient(database.serving);
      socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
      return client;
    },
    channel: 'test_channel',
    onMessage: () => undefined,
    onGap: () => undefined,
    onError: () => undefined,
  });
  open.push(listener);
  listener.start();
  await until(() => listener.isHearing());
  socket?.pause();
  await until(() => !listener.isHearing(), 1500);
  socket?.resume();
  await until(() => listener.isHearing());
});

test('a heartbeat that comes late says nothing of what was committed after it was sent', async () => {
  const listener = new PostgresListener({
    connect: async () => {
      const client = await connectClient(database.serving);
      const emit = client.emit.bind(client);
      // Every notification reaches us more than a second late.
      client.emit = (name: string, ...values: unknown[]) => {
        if (name !== 'notification') return emit(name, ...values);
        setTimeout(() => emit(name, ...values), 1100);
        return true;
      };
      return client;
    },
    channel: 'test_channel',
    onMessage: () => undefined,
    onGap: () => undefined,
    onError: () => undefined,
  });
  open.push(listener);
  listener.start();
  await expect(until(() => listener.isHearing(), 2500)).rejects.toThrow();
});
