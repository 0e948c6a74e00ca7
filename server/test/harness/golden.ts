import type { LightMyRequestResponse } from 'fastify';
import type { TestApp, TestUser } from './app.ts';
import { until } from './until.ts';

/** A request of a golden fixture; `{user}`, `{1}`, `{2}`, … in its path stand for the user and the tasks made so far. */
export type Step = [method: string, path: string, body?: unknown, headers?: Record<string, string>];

/** Headers of answers that clients of the earlier servers read. */
const KEPT_HEADERS = ['content-type', 'www-authenticate', 'x-total-count', 'retry-after'];
const TIME = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;

/**
 * Plays requests one after the other and writes down what goes to and fro, with names in the place of
 * ids and times: to compare with what was written down once.
 */
export async function play(t: TestApp, user: TestUser, steps: Step[]): Promise<string> {
  const ids: string[] = [];
  const named = (text: string) =>
    ids
      .reduce((rest, id, i) => rest.replaceAll(`"id":${id}`, `"id":{${i + 1}}`), text)
      .replaceAll(user.id, '{user}')
      .replaceAll(TIME, '"<time>"');
  const exchanges: string[] = [];
  for (const [method, path, body, headers = {}] of steps) {
    const address = path
      .replaceAll('{user}', user.id)
      .replace(/\{(\d+)\}/g, (_, place) => ids[Number(place) - 1] ?? 'none');
    const isText = typeof body === 'string';
    const answer = await t.call(method, address, {
      ...('authorization' in headers ? {} : { as: user }),
      headers: { ...(isText && { 'content-type': 'application/json' }), ...headers },
      ...(isText ? { raw: body } : body !== undefined && { body }),
    });
    if (method === 'POST' && answer.statusCode === 201) {
      ids.push(String(answer.json().id));
      await nextMillisecond();
    }
    const sent = [method, path, isText ? body : body && JSON.stringify(body)];
    const given = Object.entries(headers).map(([name, value]) => `> ${name}: ${value}`);
    exchanges.push(
      [`> ${sent.filter(Boolean).join(' ')}`, ...given, ...shown(answer, named)].join('\n'),
    );
  }
  return `${exchanges.join('\n\n')}\n`;
}

/** Tasks of one millisecond are in no certain order. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  await until(async () => Date.now() > now);
}

function shown(answer: LightMyRequestResponse, named: (text: string) => string): string[] {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [`< ${name}: ${value}`];
  });
  return [
    `< ${answer.statusCode}`,
    ...headers,
    ...(answer.body ? [`< ${named(answer.body)}`] : []),
  ];
}
