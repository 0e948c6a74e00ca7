import { expect, test } from 'vitest';
import { linkIdentity } from '../../src/modules/identities/link-identity.service.ts';
import { actorFor, anIdentity, codeOf } from '../harness/identities.ts';
import { outcomeOf, startMailedApp } from '../harness/mails.ts';

const PROVIDERS = '/api/v1/users/me/providers';

test('one person has no mail sent to one stranger after the other', async () => {
  const t = await startMailedApp({ RATE_LIMIT_MAIL: '3/1h' });
  const ada = await t.signIn();
  const outcomes = [];
  for (let i = 0; i < 5; i++) {
    const body = { email: `stranger-${i}@example.org` };
    outcomes.push(outcomeOf(await t.call('PATCH', '/api/v1/users/me', { as: ada, body })));
  }
  expect(outcomes).toEqual(['200', '200', '200', '429 rate.limited', '429 rate.limited']);
  const { rows } = await t.owner.query(
    "SELECT name, count(*)::int FROM jobs.job WHERE name LIKE 'mail.%' GROUP BY name ORDER BY name",
  );
  expect(rows).toEqual([
    { name: 'mail.account_notice', count: 3 },
    { name: 'mail.confirm_email', count: 3 },
  ]);
  await t.close();
});

test('nobody floods the mailbox of a stranger by connecting and disconnecting providers', async () => {
  const t = await startMailedApp({
    RATE_LIMIT_MAIL: '3/1h',
    GOOGLE_CLIENT_ID: 'docket',
    GOOGLE_CLIENT_SECRET: 'a secret of the client',
  });
  // Under an address that is not hers.
  const eve = await t.signIn();
  const outcomes = [];
  for (let i = 0; i < 5; i++) {
    const linking = linkIdentity(t.ctx, actorFor(eve), anIdentity());
    outcomes.push(await linking.then(({ kind }) => kind, codeOf));
    const { items } = (await t.call('GET', PROVIDERS, { as: eve })).json();
    for (const { id } of items) await t.call('DELETE', `${PROVIDERS}/${id}`, { as: eve });
  }
  expect(outcomes).toEqual(['linked', 'linked', 'linked', 'rate.limited', 'rate.limited']);
  expect(await t.deliver()).toHaveLength(6);
  await t.close();
});

test('one mailbox gets no more mail than its share, whoever asks and in whatever way', async () => {
  const t = await startMailedApp({ RATE_LIMIT_MAIL: '3/1h', REGISTRATION: 'uniform' });
  const { email } = await t.addAccount({ status: 'unverified' });
  const ada = await t.signIn();
  for (let i = 0; i < 3; i++) {
    const remoteAddress = `192.0.2.${i}`;
    for (const path of ['password/forgot', 'verify/resend']) {
      await t.call('POST', `/api/v1/${path}`, { body: { email }, remoteAddress });
    }
    const body = { email, password: `a fine password ${i}` };
    await t.call('POST', '/api/v1/register', { body, remoteAddress });
    await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email } });
  }
  const received = (await t.deliver()).filter(({ recipients }) => recipients.includes(email));
  expect(received).toHaveLength(3);
  await t.close();
});
