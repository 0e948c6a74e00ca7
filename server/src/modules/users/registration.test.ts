import { afterAll, expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { isTo, outcomeOf, startMailedApp, useMailedApp } from '../../../test/harness/mails.ts';
import { statementsOf } from '../../../test/harness/statements.ts';

const t = useMailedApp();
const uniform = startMailedApp({ REGISTRATION: 'uniform' });
afterAll(async () => (await uniform).close());

async function eventsOf(userId: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY position',
    [userId],
  );
  return rows.map((row) => row.action);
}

async function register(email: string) {
  const answer = await t.call('POST', '/api/v1/register', {
    body: { email, password: TEST_PASSWORD, name: 'Ada' },
  });
  return answer.json().user.id as string;
}

test('POST /register › mails a link that verifies the address, once; again it is already verified', async () => {
  const id = await register('ada@example.org');
  const token = await t.tokenFor('ada@example.org', 'verify');
  const verify = () => t.call('GET', `/api/v1/verify/${token}`);
  const first = await verify();
  expect([first.statusCode, first.json()]).toEqual([200, { status: 'verified' }]);
  expect((await verify()).json()).toEqual({ status: 'already_verified' });
  const { rows } = await t.owner.query(
    'SELECT status, email_verified_at IS NOT NULL AS is_verified FROM users WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([{ status: 'active', is_verified: true }]);
  expect(await eventsOf(id)).toEqual(['user.registered', 'user.verified']);
});

test('POST /register › the mail names the account holder, and neither queue nor database holds its token', async () => {
  await register('grace@example.org');
  const { rows } = await t.owner.query(
    "SELECT data FROM jobs.job WHERE name = 'mail.verify_email'",
  );
  expect(rows.map((row) => row.data)).toContainEqual({ email: 'grace@example.org' });
  const token = await t.tokenFor('grace@example.org', 'verify');
  const [mail] = t.mailServer.received.filter(isTo('grace@example.org'));
  expect(mail?.mail.to).toEqual([{ name: 'Ada', address: 'grace@example.org' }]);
  for (const table of ['mailed_tokens', 'jobs.job', 'audit_events', 'audit_personal']) {
    const found = await t.owner.query(
      `SELECT 1 FROM ${table} x WHERE strpos(to_jsonb(x)::text, $1) > 0
         OR strpos(to_jsonb(x)::text, encode($2, 'hex')) > 0`,
      [token, Buffer.from(token, 'base64url')],
    );
    expect([table, found.rowCount]).toEqual([table, 0]);
  }
});

test('GET /verify › 410 for an unknown token, one of another form, an expired one and one that a newer one voids', async () => {
  await register('old@example.org');
  const first = await t.tokenFor('old@example.org', 'verify');
  const resend = { body: { email: 'OLD@example.org' } };
  expect((await t.call('POST', '/api/v1/verify/resend', resend)).statusCode).toBe(202);
  const second = await t.tokenFor('old@example.org', 'verify');
  expect(second).not.toBe(first);
  for (const token of [first, 'x', 'x'.repeat(43), `${second}x`, encodeURIComponent('../../x')]) {
    expect(outcomeOf(await t.call('GET', `/api/v1/verify/${token}`))).toBe(
      '410 token.expired_or_unknown',
    );
  }
  await t.owner.query("UPDATE mailed_tokens SET expires_at = now() - interval '1 second'");
  expect(outcomeOf(await t.call('GET', `/api/v1/verify/${second}`))).toMatch(/^410/);
});

test('GET /verify › HEAD verifies nothing', async () => {
  const id = await register('head@example.org');
  const token = await t.tokenFor('head@example.org', 'verify');
  expect((await t.call('HEAD', `/api/v1/verify/${token}`)).statusCode).toBe(404);
  const { rows } = await t.owner.query('SELECT status FROM users WHERE id = $1', [id]);
  expect(rows).toEqual([{ status: 'unverified' }]);
});

test('a verification link is good for 24 hours', async () => {
  await register('day@example.org');
  await t.tokenFor('day@example.org', 'verify');
  const { rows } = await t.owner.query(
    `SELECT extract(epoch FROM expires_at - mailed_tokens.created_at)::int AS seconds
     FROM mailed_tokens JOIN users ON users.id = user_id WHERE email = 'day@example.org'`,
  );
  expect(rows).toEqual([{ seconds: 86_400 }]);
});

test('POST /verify/resend › one answer and one job for every address; a mail for the unverified alone', async () => {
  await register('waiting@example.org');
  await t.deliver();
  const { email: verified } = await t.addAccount();
  const { email: deleted } = await t.addAccount({ status: 'unverified', isDeleted: true });
  const answers = [];
  for (const email of ['waiting@example.org', verified, deleted, 'nobody@example.org']) {
    const answer = await t.call('POST', '/api/v1/verify/resend', {
      body: { email },
      headers: { 'x-request-id': '0198f0a0-0000-7000-8000-000000000001' },
    });
    answers.push(`${answer.statusCode} ${answer.body}`);
  }
  expect(new Set(answers)).toEqual(new Set(['202 {"status":"accepted"}']));
  const { rows } = await t.owner.query('SELECT 1 FROM jobs.job WHERE name = $1', [
    'mail.verify_email',
  ]);
  expect(rows).toHaveLength(4);
  const mails = await t.deliver();
  expect(mails.flatMap((mail) => mail.recipients)).toEqual(['waiting@example.org']);
});

test('REGISTRATION=uniform › one answer whether or not the address is known, and a notice instead of a link', async () => {
  const u = await uniform;
  const known = await u.addAccount();
  const register = (email: string) =>
    u.call('POST', '/api/v1/register', {
      body: { email, password: TEST_PASSWORD },
      headers: { 'x-request-id': '0198f0a0-0000-7000-8000-000000000001' },
    });
  const answers = [await register('fresh@example.org'), await register(known.email.toUpperCase())];
  for (const answer of answers) {
    expect([answer.statusCode, answer.body]).toEqual([202, '{"status":"accepted"}']);
  }
  const { rows } = await u.owner.query('SELECT name, state FROM jobs.job ORDER BY name');
  expect(rows.map((row) => row.name)).toEqual(['mail.account_notice', 'mail.verify_email']);
  const mails = await u.deliver();
  const subjects = Object.fromEntries(mails.map((it) => [it.recipients[0], it.mail.subject]));
  expect(subjects).toEqual({
    'fresh@example.org': 'Verify your e-mail address',
    [known.email]: 'You have an account already',
  });
  const users = await u.owner.query('SELECT email FROM users ORDER BY id');
  expect(users.rows.map((row) => row.email)).toEqual([known.email, 'fresh@example.org']);
  const events = await u.owner.query('SELECT action FROM audit_events WHERE user_id = $1', [
    known.id,
  ]);
  expect(events.rows).toEqual([{ action: 'user.registration_repeated' }]);
});

test('REGISTRATION=uniform › both branches take the same number of statements', async () => {
  const u = await uniform;
  const { email } = await u.addAccount();
  const kindsFor = async (email: string) => {
    const body = { email, password: TEST_PASSWORD };
    const statements = await statementsOf(() => u.call('POST', '/api/v1/register', { body }));
    return statements.map((text) => /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase());
  };
  const unknown = await kindsFor('another@example.org');
  // Adding the role of everybody stands against looking up whose address it is.
  expect(unknown).toEqual(['begin', 'insert', 'insert', 'insert', 'with', 'commit']);
  const known = await kindsFor(email);
  expect(known).toEqual(['begin', 'insert', 'select', 'insert', 'with', 'commit']);
});

test('a mailbox gets so many mails and no more, whoever asks; the answers stay the same', async () => {
  const limited = await startMailedApp({ RATE_LIMIT_MAIL: '2/1h' });
  const { email } = await limited.addAccount();
  for (let i = 0; i < 4; i++) {
    const answer = await limited.call('POST', '/api/v1/password/forgot', { body: { email } });
    expect([answer.statusCode, answer.body]).toEqual([202, '{"status":"accepted"}']);
  }
  expect(await limited.deliver()).toHaveLength(2);
  await limited.close();
});
