import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TEST_SECRET_KEY, useTestApp } from '../../test/harness/app.ts';
import { databaseUrl, runDocket } from '../../test/harness/docket.ts';
import { SYSTEM } from '../auth/actor.ts';
import { deriveKeys } from '../config/secrets.ts';
import { JOBS, runJob } from '../jobs.ts';
import { recordEvent } from '../modules/audit/audit.service.ts';
import { publicKeyOf, publicKeyText } from '../modules/audit/checkpoint-signature.ts';

const t = useTestApp();
const dataDir = mkdtempSync(join(tmpdir(), 'docket-audit-command-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

function docket(args: string[], settings: Record<string, string> = {}) {
  const DATABASE_URL = databaseUrl(t.database.serving);
  const defaults = { DATABASE_URL, SECRET_KEY: TEST_SECRET_KEY, DATA_DIR: dataDir };
  return runDocket(['audit', ...args], { ...defaults, ...settings });
}

async function addEvents(count: number): Promise<void> {
  const target = { kind: 'job' as const, id: null };
  for (let n = 0; n < count; n++) {
    await recordEvent(t.ctx.db, SYSTEM, { action: 'job.retried', target, userId: null });
  }
}

test('verify is 0 while everything fits, 1 with the first that does not, 2 if it cannot tell', async () => {
  await addEvents(3);
  expect(await docket(['verify'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^All 3 events fit\.\nNothing is signed yet\.\nEnd: 3:[0-9a-f]{64}\n$/,
    ),
  });
  expect(await runJob(t.ctx, 'audit.checkpoint')).toBe(3);
  await addEvents(1);
  const noted = (await docket(['checkpoint'])).out.trim();
  expect(noted).toMatch(/^4:[0-9a-f]{64}$/);
  const intact = await docket(['verify', '--json', '--known', noted]);
  expect([intact.code, JSON.parse(intact.out)]).toEqual([
    0,
    {
      status: 'intact',
      checked: 4,
      end: noted,
      first_bad_position: null,
      reason: null,
      signed_position: 4,
      signed_at: expect.stringMatching(/Z$/),
    },
  ]);

  await t.owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await t.owner.query('ALTER TABLE audit_checkpoints DISABLE TRIGGER USER');
  await t.owner.query('DELETE FROM audit_checkpoints; DELETE FROM audit_events WHERE position = 4');
  expect((await docket(['verify'])).code).toBe(0);
  expect(await docket(['verify', '--known', noted])).toMatchObject({
    code: 1,
    out: expect.stringContaining('Event 4 does not'),
  });
  await t.owner.query("UPDATE audit_events SET target_kind = 'user' WHERE position = 2");
  const broken = await docket(['verify', '--json']);
  expect([broken.code, JSON.parse(broken.out)]).toMatchObject([
    1,
    { status: 'broken', checked: 1, first_bad_position: 2, reason: 'hash' },
  ]);

  const DATABASE_URL = 'postgresql://u:pa55word@127.0.0.1:1/d';
  const unreachable = await docket(['verify'], { DATABASE_URL });
  expect([unreachable.code, unreachable.out]).toEqual([2, '']);
  expect(unreachable.err).toContain('could not be verified');
  expect(unreachable.err).not.toContain('pa55word');
}, 60_000);

test.each([
  ['verify', '--known', '3'],
  ['verify', '--known', `3:${'x'.repeat(64)}`],
  ['verify', '--public-key', 'short'],
  ['verify', 'everything'],
  ['sign'],
])('%s %s %s: 2 and how it is called', async (...args) => {
  const { code, out, err } = await docket(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('docket audit');
});

test('public-key prints the key that belongs to SECRET_KEY, and verify takes it', async () => {
  const { out } = await docket(['public-key']);
  expect(out.trim()).toBe(publicKeyText(publicKeyOf(deriveKeys(TEST_SECRET_KEY).auditCheckpoint)));
  expect((await docket(['verify', '--public-key', out.trim()])).code).toBe(1);
});

test('the log is signed once a day', () => {
  expect(JOBS['audit.checkpoint'].schedule).toMatch(/^\d+ \d+ \* \* \*$/);
});
