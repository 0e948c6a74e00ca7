import { expect, test, vi } from 'vitest';
import { mintSetupLink } from '../../src/modules/setup/setup.service.ts';
import { useTestApp } from '../harness/app.ts';
import { outcomeOf } from '../harness/mails.ts';

const t = useTestApp();
const USES = 10;

async function setupToken(): Promise<string> {
  return (await mintSetupLink(t.ctx))?.split('#')[1] ?? '';
}

test('ten uses of set-up links at once, of two servers, make one administrator and void all links', async () => {
  const tokens = [await setupToken(), await setupToken()];
  // All of them are past the first question before any of them goes on.
  let arrived = 0;
  let openGate: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    openGate = resolve;
  });
  const hash = vi.spyOn(t.ctx.passwords, 'hash').mockImplementation(async () => {
    arrived += 1;
    if (arrived === USES) openGate();
    await gate;
    return '$2b$12$x';
  });
  const answers = await Promise.all(
    Array.from({ length: USES }, (_, i) =>
      t.call('POST', '/api/v1/setup', {
        body: {
          token: tokens[i % tokens.length],
          email: `root-${i}@example.org`,
          password: 'another fine password',
        },
      }),
    ),
  );
  hash.mockRestore();
  const refused = Array(USES - 1).fill('410 token.expired_or_unknown');
  expect(answers.map(outcomeOf).sort()).toEqual(['201', ...refused]);
  const { rows } = await t.owner.query(
    `SELECT (SELECT count(*)::int FROM user_roles WHERE role_name = 'admin') AS administrators,
       (SELECT count(*)::int FROM setup_tokens) AS links, (SELECT count(*)::int FROM users) AS users`,
  );
  expect(rows).toEqual([{ administrators: 1, links: 0, users: 1 }]);
});
