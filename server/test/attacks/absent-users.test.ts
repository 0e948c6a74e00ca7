import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();

test.each([
  ['deleted', { isDeleted: true }],
  ['deleted while unverified', { isDeleted: true, status: 'unverified' }],
  ['disabled', { status: 'disabled' }],
] as const)('to sign-in, forgot and resend a %s user is nobody', async (_name, account) => {
  const { id, email } = await t.addAccount(account);
  const answersFor = async (address: string) => {
    const answers = [];
    for (const [path, body] of [
      ['login', { email: address, password: TEST_PASSWORD }],
      ['password/forgot', { email: address }],
      ['verify/resend', { email: address }],
    ] as const) {
      const headers = { 'x-request-id': '0198f0a0-0000-7000-8000-000000000003' };
      const answer = await t.call('POST', `/api/v1/${path}`, { body, headers });
      answers.push([answer.statusCode, answer.body]);
    }
    return answers;
  };
  expect(await answersFor(email)).toEqual(await answersFor('nobody@example.org'));
  expect(await t.deliver()).toEqual([]);
  const { rowCount } = await t.owner.query(
    'SELECT 1 FROM mailed_tokens WHERE user_id = $1 UNION ALL SELECT 1 FROM sessions WHERE user_id = $1',
    [id],
  );
  expect(rowCount).toBe(0);
});
