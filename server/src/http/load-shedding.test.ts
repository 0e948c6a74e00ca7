import { expect, test } from 'vitest';
import { useTestApp } from '../../test/harness/app.ts';
import { until } from '../../test/harness/until.ts';

const t = useTestApp();
const TURN_MS = 600;

/** Makes every turn of the event loop take long, as too much work does, until told to stop. */
function overload(): () => void {
  let isBusy = true;
  const work = () => {
    const end = performance.now() + TURN_MS;
    while (performance.now() < end);
    if (isBusy) setImmediate(work);
  };
  work();
  return () => {
    isBusy = false;
  };
}

test('while the event loop cannot keep up, requests are 503 with Retry-After and /health answers; then all is well', async () => {
  const ada = await t.signIn();
  const list = () => t.call('GET', '/api/v1/tasks', { as: ada });
  expect((await list()).statusCode).toBe(200);
  const relieve = overload();
  try {
    await until(async () => (await list()).statusCode === 503, 15_000);
    const shed = await list();
    expect([shed.json().code, shed.headers['retry-after']]).toEqual(['server.overloaded', '2']);
    expect((await t.call('GET', '/health')).statusCode).toBe(200);
  } finally {
    relieve();
  }
  await until(async () => (await list()).statusCode === 200);
});
