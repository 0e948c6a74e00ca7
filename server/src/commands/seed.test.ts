import { describe, expect, test } from 'vitest';
import { useTestApp } from '../../test/harness/app.ts';
import { seedUsers } from './seed.ts';
import { DEMO_PASSWORD, DEMO_TASKS, DEMO_USERS } from './seed-data.ts';

const app = useTestApp({ REGISTRATION: 'closed' });
const [ADA] = DEMO_USERS;

async function seedAndRead(): Promise<string[]> {
  const lines: string[] = [];
  await seedUsers(app.ctx, (line) => lines.push(line));
  return lines;
}

async function rowsOf(sql: string) {
  return (await app.owner.query(sql)).rows;
}

describe('docket seed', () => {
  test('adds users who can sign in with the printed password, and tasks in every state', async () => {
    const lines = await seedAndRead();
    expect(lines).toHaveLength(DEMO_USERS.length);
    for (const line of lines) expect(line).toContain(DEMO_PASSWORD);
    const body = { email: ADA?.email, password: DEMO_PASSWORD };
    expect((await app.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
    const unverified = await rowsOf('SELECT email FROM users WHERE email_verified_at IS NULL');
    expect(unverified).toEqual([]);
    const counts = await rowsOf('SELECT pending, in_progress, completed, trashed FROM task_counts');
    expect(counts).toHaveLength(DEMO_USERS.filter(({ hasTasks }) => hasTasks).length);
    for (const states of counts) {
      expect(
        Object.values(states)
          .map(Number)
          .every((count) => count > 0),
      ).toBe(true);
      expect(Object.values(states).reduce<number>((sum, n) => sum + Number(n), 0)).toBe(
        DEMO_TASKS.length,
      );
    }
  });

  test('a second run changes nothing and leaves alone what somebody has changed', async () => {
    const everything = 'SELECT * FROM tasks ORDER BY user_id, id';
    await app.owner.query("UPDATE tasks SET title = 'Mine', version = 2 WHERE id IN (1, 3)");
    const before = await rowsOf(everything);
    await seedAndRead();
    expect(await rowsOf(everything)).toEqual(before);
    expect(await rowsOf('SELECT id FROM users')).toHaveLength(DEMO_USERS.length);
  });

  test('a demonstration address that somebody took with another password stays theirs', async () => {
    await app.owner.query('DELETE FROM tasks');
    await app.owner.query('UPDATE users SET password_hash = NULL WHERE email = $1', [ADA?.email]);
    const lines = await seedAndRead();
    expect(lines[0]).toContain('left as it is');
    expect(lines[0]).not.toContain(DEMO_PASSWORD);
    const owners = await rowsOf('SELECT DISTINCT user_id FROM tasks');
    expect(owners).toHaveLength(1);
  });
});
