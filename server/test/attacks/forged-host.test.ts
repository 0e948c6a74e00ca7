import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useMailedApp } from '../harness/mails.ts';

const PUBLIC_URL = 'https://tasks.example.org';
const t = useMailedApp({ PUBLIC_URL });

const FORGED = [
  { host: 'evil.example' },
  { 'x-forwarded-host': 'evil.example' },
  { forwarded: 'host=evil.example;proto=http' },
  { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example', host: 'evil.example:81' },
  { origin: 'https://evil.example', referer: 'https://evil.example/x' },
];

test.each(FORGED)(
  'mailed links lead to PUBLIC_URL whatever the request says: %j',
  async (headers) => {
    const { email } = await t.addAccount();
    const fresh = `${crypto.randomUUID()}@example.org`;
    const answers = [
      await t.call('POST', '/api/v1/password/forgot', { body: { email }, headers }),
      await t.call('POST', '/api/v1/register', {
        body: { email: fresh, password: TEST_PASSWORD },
        headers,
      }),
      await t.call('POST', '/api/v1/verify/resend', { body: { email: fresh }, headers }),
    ];
    expect(answers.map((it) => it.statusCode)).toEqual([202, 201, 202]);
    const mails = await t.deliver();
    expect(mails).toHaveLength(3);
    for (const { mail, raw } of mails) {
      const content = `${mail.text}\n${mail.html}`;
      const origins = [...content.matchAll(/https?:\/\/[\w.:-]*\w/g)].map(([origin]) => origin);
      expect(new Set(origins)).toEqual(new Set([PUBLIC_URL]));
      expect(raw).not.toContain('evil.example');
    }
  },
);
