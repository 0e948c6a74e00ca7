import type pg from 'pg';
import type { TestApp, TestUser } from './app.ts';

let count = 0;

/** Stores a role that allows something, and answers its name. */
export async function addRole(owner: pg.Client, permissions: readonly string[]): Promise<string> {
  count += 1;
  const name = `role-${count}`;
  await owner.query('INSERT INTO roles (name) VALUES ($1)', [name]);
  await owner.query('INSERT INTO role_permissions SELECT $1, unnest($2::text[])', [
    name,
    permissions,
  ]);
  return name;
}

/** Signs in somebody who has these permissions besides those of everybody. */
export async function somebodyWith(t: TestApp, permissions: readonly string[]): Promise<TestUser> {
  return t.signIn('manager', ['user', await addRole(t.owner, permissions)]);
}
