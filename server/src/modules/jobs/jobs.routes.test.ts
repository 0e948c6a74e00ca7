import { expect, test } from 'vitest';
import { useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();
const JOBS = '/api/v1/admin/jobs';

async function addFailedJob(): Promise<string> {
  const { id } = await t.addAccount();
  await t.ctx.jobs.enqueue(t.ctx.db, 'mail.confirm_email', { user_id: id });
  const { rows } = await t.owner.query(
    `UPDATE jobs.job SET state = 'failed', completed_on = now(), output = '{"message": "no route"}'
     WHERE data ->> 'user_id' = $1 RETURNING id`,
    [id],
  );
  return rows[0].id;
}

test('jobs are listed by state and queue, without payloads', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const id = await addFailedJob();
  const url = `${JOBS}?state=failed&queue=mail.confirm_email`;
  const answer = await t.call('GET', url, { as: admin });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    items: [{ id, queue: 'mail.confirm_email', state: 'failed', last_error: 'no route' }],
    next_cursor: null,
  });
  expect(answer.body).not.toContain('user_id');
  const none = await t.call('GET', `${JOBS}?queue=mail.nothing`, { as: admin });
  expect(none.json().items).toEqual([]);
  for (const query of ['state=lost', 'limit=0', 'queue=%00', 'cursor=x', 'id=1']) {
    expect((await t.call('GET', `${JOBS}?${query}`, { as: admin })).statusCode).toBe(400);
  }
});

test('a failed job is run again once, which the audit log tells', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const id = await addFailedJob();
  const answer = await t.call('POST', `${JOBS}/${id}/retry`, { as: admin });
  expect([answer.statusCode, answer.json()]).toEqual([202, { status: 'accepted' }]);
  const { rows } = await t.owner.query('SELECT state FROM jobs.job WHERE id = $1', [id]);
  expect(rows).toEqual([{ state: 'retry' }]);
  const again = await t.call('POST', `${JOBS}/${id}/retry`, { as: admin });
  expect([again.statusCode, again.json().code]).toEqual([409, 'job.not_failed']);
  const events = await t.owner.query('SELECT action FROM audit_events WHERE target_id = $1', [id]);
  expect(events.rows).toEqual([{ action: 'job.retried' }]);
  for (const absent of ['x', admin.id]) {
    const missing = await t.call('POST', `${JOBS}/${absent}/retry`, { as: admin });
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'job.not_found']);
  }
});
