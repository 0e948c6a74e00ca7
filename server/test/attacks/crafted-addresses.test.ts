import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();

const CRAFTED = [
  'a@x.com,b@y.com',
  'a@x.com;b@y.com',
  'a@x.com b@y.com',
  'a@x.com\r\nBcc: b@y.com',
  'a@x.com\nBcc:b@y.com',
  'a@x.com%0d%0aBcc:b@y.com',
  'a@x.com>,<b@y.com',
  '<a@x.com>',
  'Ada <a@x.com>',
  '"a b"@x.com',
  '"a@x.com,b"@y.com',
  'a(b@y.com)@x.com',
  'a@x.com(b@y.com)',
  'a@b@x.com',
  'a@[127.0.0.1]',
  'a@x.com\u0000',
  'a\u202e@x.com',
  'ä@x.com',
  'a@x．com',
  '@x.com:b@y.com',
  'a..b@x.com',
  '.a@x.com',
  'a@-x.com',
  `${'a'.repeat(65)}@x.com`,
  `a@${'x'.repeat(64)}.com`,
];

test.each(CRAFTED)(
  'the address %j is 400 wherever one is taken, and no mail goes out',
  async (email) => {
    const ada = await t.signIn();
    const preferences = { theme: 'dark', time_zone: null, email_notices: true };
    const attempts = [
      await t.call('POST', '/api/v1/register', { body: { email, password: TEST_PASSWORD } }),
      await t.call('POST', '/api/v1/verify/resend', { body: { email } }),
      await t.call('POST', '/api/v1/password/forgot', { body: { email } }),
      await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email } }),
      await t.call('PUT', '/api/v1/users/me', {
        as: ada,
        body: { name: null, email, preferences },
      }),
      await t.call('POST', '/api/v1/setup', {
        body: { token: 'x', email, password: TEST_PASSWORD },
      }),
    ];
    for (const attempt of attempts) {
      expect(attempt.statusCode).toBe(400);
      expect(attempt.json().errors[0].pointer).toBe('/email');
      expect(attempt.body).not.toContain(JSON.stringify(email).slice(1, -1));
    }
    await t.deliver();
    expect(t.mailServer.recipients).toEqual([]);
  },
);

test.each(['Ada\r\nBcc: b@y.com', '"Ada" <b@y.com>, <c@y.com>', '=?utf-8?q?b=40y.com?='])(
  'the name %j adds neither a recipient nor a header line',
  async (name) => {
    const email = `${crypto.randomUUID()}@example.org`;
    const answer = await t.call('POST', '/api/v1/register', {
      body: { email, password: TEST_PASSWORD, name },
    });
    if (answer.statusCode === 400) return;
    const mails = await t.deliver();
    expect(mails.map((it) => it.recipients)).toEqual([[email]]);
    const headers = mails[0]?.mail.headers.map((header) => header.key) ?? [];
    expect(headers).not.toContain('bcc');
    expect(mails[0]?.mail.to?.map((it) => it.address)).toEqual([email]);
  },
);
