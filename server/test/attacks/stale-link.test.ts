import { expect, test, vi } from 'vitest';
import { mintToken, type Purpose } from '../../src/modules/mailed-tokens/mailed-tokens.service.ts';
import { useTestApp } from '../harness/app.ts';
import { outcomeOf } from '../harness/mails.ts';

const t = useTestApp();
const PASSWORD = 'another fine password';

const USES: Record<Purpose, (token: string) => ReturnType<typeof t.call>> = {
  verify: (token) => t.call('GET', `/api/v1/verify/${token}`),
  reset: (token) =>
    t.call('POST', '/api/v1/password/reset', { body: { token, password: PASSWORD } }),
  change_email: (token) => t.call('POST', '/api/v1/users/me/email/confirm', { body: { token } }),
};

test.each(Object.keys(USES) as Purpose[])(
  'a link of %s does nothing for another address than the one that it was mailed to',
  async (purpose) => {
    const { id } = await t.addAccount({ status: 'unverified' });
    const set = (email: string) =>
      t.owner.query(
        `UPDATE users SET email = $2, email_canonical = $2, pending_email = 'new-' || $2,
           pending_email_at = now() WHERE id = $1`,
        [id, email],
      );
    await set(`one-${id}@example.org`);
    const token = (await mintToken(t.ctx, id, purpose))?.token ?? '';
    await set(`two-${id}@example.org`);
    expect(outcomeOf(await USES[purpose](token))).toBe('410 token.expired_or_unknown');
  },
);

test('guesses at reset links cost no hashing', async () => {
  const hash = vi.spyOn(t.ctx.passwords, 'hash');
  for (const token of ['guess', 'A'.repeat(43)]) await USES.reset(token);
  expect(hash).not.toHaveBeenCalled();
  hash.mockRestore();
});
