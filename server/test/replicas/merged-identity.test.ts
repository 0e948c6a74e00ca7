import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { offerMerge } from '../../src/modules/account-merges/merge-offers.service.ts';
import { bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { actorFor } from '../harness/identities.ts';
import { addTasks, takeOffer, undo } from '../harness/merges.ts';
import { until } from '../harness/until.ts';

const WITHIN_MS = 1000;
const BETTER_AUTH_SECRET = 'q8Zr3Lw6Tn0Vb5Xk2Hs9Yd4Gf7Jc1MpE';
let database: TestDatabase;
let one: TestApp;
let two: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startTestApp({ BETTER_AUTH_SECRET }, { database });
  two = await startTestApp({ BETTER_AUTH_SECRET }, { database });
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await database?.drop();
});

test('whoever comes by another front end follows a merge, and its undoing, on every replica within a second', async () => {
  const token = await new SignJWT({ sub: 'bob' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(BETTER_AUTH_SECRET));
  const idsSeen = async () => {
    const answer = await two.call('GET', '/api/tasks', { headers: bearer(token) });
    return answer.statusCode === 200 ? answer.json().map((task: { id: number }) => task.id) : [];
  };
  const sees = (count: number) => until(async () => (await idsSeen()).length === count, WITHIN_MS);
  expect(await idsSeen()).toEqual([]);
  const { rows } = await one.owner.query(
    "SELECT user_id FROM user_auth_providers WHERE subject = 'bob'",
  );
  const bobId: string = rows[0].user_id;
  const ada = await one.signIn('ada');
  await addTasks(one, ada.id, [1, 2]);
  await addTasks(one, bobId, [4]);
  await sees(1);
  const merged = await takeOffer(one, ada, await offerMerge(one.ctx, actorFor(ada), bobId));
  expect(merged.statusCode).toBe(201);
  await sees(3);
  expect((await undo(one, ada, merged.json().id)).statusCode).toBe(204);
  await sees(1);
});
