import { expect, test } from 'vitest';
import { uuidV7 } from '../../src/auth/uuid.ts';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useTestApp } from '../harness/app.ts';

const t = useTestApp();

/** Columns and ideas that no request may set. */
const FORBIDDEN = {
  id: uuidV7(),
  user_id: uuidV7(),
  roles: ['admin'],
  permissions: ['users:read'],
  status: 'active',
  email_verified_at: '2026-01-01T00:00:00Z',
  deleted_at: null,
  password_hash: 'x',
  auth_version: 9,
  email_canonical: 'x@example.org',
  created_at: '2020-01-01T00:00:00Z',
};

test.each(Object.entries(FORBIDDEN))(
  'nobody registers with a %s of their choice',
  async (field, value) => {
    const body = { email: `${field}@example.org`, password: TEST_PASSWORD, [field]: value };
    expect((await t.call('POST', '/api/v1/register', { body })).statusCode).toBe(400);
    const { rows } = await t.owner.query('SELECT id FROM users WHERE email = $1', [body.email]);
    expect(rows).toEqual([]);
  },
);

test.each(Object.entries(FORBIDDEN))(
  'nobody writes the %s of their account',
  async (field, value) => {
    const ada = await t.signIn();
    const rowOf = async () => {
      const { rows } = await t.owner.query('SELECT * FROM users WHERE id = $1', [ada.id]);
      return rows;
    };
    const before = await rowOf();
    const preferences = { theme: 'dark', time_zone: null, email_notices: false };
    const whole = { name: 'Ada', email: ada.email, preferences };
    const url = '/api/v1/users/me';
    const attempts = [
      await t.call('PUT', url, { as: ada, body: { ...whole, [field]: value } }),
      await t.call('PATCH', url, { as: ada, body: { name: 'Ada', [field]: value } }),
      await t.call('PATCH', url, { as: ada, body: { preferences: { [field]: value } } }),
    ];
    for (const attempt of attempts) expect(attempt.statusCode).toBe(400);
    expect(await rowOf()).toEqual(before);
  },
);

const OF_TASKS = {
  user_id: uuidV7(),
  version: 9,
  completed: true,
  completed_at: '2020-01-01T00:00:00Z',
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2020-01-01T00:00:00Z',
  deleted_at: '2020-01-01T00:00:00Z',
  is_open: false,
};

test.each(Object.entries(OF_TASKS))('nobody writes the %s of a task', async (field, value) => {
  const ada = await t.signIn();
  const task = (await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } })).json();
  const whole = { title: 'y', description: null, status: 'pending', [field]: value };
  const url = `/api/v1/tasks/${task.id}`;
  const attempts = [
    await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'y', [field]: value } }),
    await t.call('PUT', url, { as: ada, body: whole }),
    await t.call('PATCH', url, { as: ada, body: { [field]: value } }),
    await t.call('PATCH', url, { as: ada, body: { id: 5 } }),
    await t.call('POST', `${url}/restore`, { as: ada, body: { [field]: value } }),
  ];
  for (const attempt of attempts) expect(attempt.statusCode).toBe(400);
  expect((await t.call('GET', url, { as: ada })).json()).toEqual(task);
});
