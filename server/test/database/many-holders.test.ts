import { expect, test } from 'vitest';
import { deriveKeys } from '../../src/config/secrets.ts';
import { verifyAuditLog } from '../../src/modules/audit/verify-audit-log.ts';
import { useTestApp } from '../harness/app.ts';
import { statementsOf } from '../harness/statements.ts';

const t = useTestApp();
const COUNT = 2_500;

test('removing a role that thousands have takes few statements, and each of them can see it', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const body = { name: 'held', description: '', permissions: ['users:read'] };
  expect((await t.call('POST', '/api/v1/admin/roles', { as: admin, body })).statusCode).toBe(201);
  await t.owner.query(
    `WITH added AS (
       INSERT INTO users (id, email, email_canonical)
       SELECT gen_random_uuid(), n || '@example.org', n || '@example.org'
       FROM generate_series(1, $1::int) n RETURNING id
     )
     INSERT INTO user_roles (user_id, role_name) SELECT id, 'held' FROM added`,
    [COUNT],
  );
  const statements = await statementsOf(async () => {
    const answer = await t.call('DELETE', '/api/v1/admin/roles/held', { as: admin });
    expect(answer.json()).toEqual({ withdrawn_from: COUNT });
  });
  expect(statements.length).toBeLessThan(20);
  const { rows } = await t.owner.query(
    `SELECT count(DISTINCT e.user_id)::int AS users, count(DISTINCT p.salt)::int AS salts
     FROM audit_events e JOIN audit_personal p USING (position)
     WHERE action = 'role.withdrawn' AND target_id = e.user_id::text AND actor_id = $1
       AND p.user_id = $1 AND changes = '{"role": "held"}'`,
    [admin.id],
  );
  expect(rows).toEqual([{ users: COUNT, salts: COUNT }]);
  const verdict = await verifyAuditLog({ db: t.ctx.db, keys: deriveKeys('of the test') });
  expect(verdict.fault).toBeNull();
});
