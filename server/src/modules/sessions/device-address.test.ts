import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp({ TRUSTED_PROXIES: '127.0.0.1' });

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['fe80::1%eth0', 'fe80::1'],
  ['evil text', null],
])('POST /login › a client at %s is noted as %s', async (forwarded, address) => {
  const { id, email } = await t.addAccount();
  const answer = await t.call('POST', '/api/v1/login', {
    body: { email, password: TEST_PASSWORD },
    headers: { 'x-forwarded-for': forwarded },
  });
  expect(answer.statusCode).toBe(200);
  const { rows } = await t.owner.query(
    'SELECT host(address) AS address FROM sessions WHERE user_id = $1',
    [id],
  );
  expect(rows).toEqual([{ address }]);
});
