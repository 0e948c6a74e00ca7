import { beforeAll, describe, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { type Actor, OPERATOR, SYSTEM } from '../../auth/actor.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import { eraseTraces, recordEvent } from './audit.service.ts';

const t = useTestApp();
const ACTIVITY = '/api/v1/users/me/activity';
const AUDIT = '/api/v1/admin/audit';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

let ada: TestUser;
let grace: TestUser;

beforeAll(async () => {
  ada = await t.signIn('ada');
  grace = await t.signIn('grace', ['user', 'admin']);
  await t.owner.query("UPDATE users SET name = 'Grace' WHERE id = $1", [grace.id]);
});

function person(user: TestUser, address: string): Actor {
  const origin = { requestId: uuidV7(), address, userAgent: FIREFOX };
  const { id: userId, sessionId } = user;
  return {
    kind: 'user',
    userId,
    sessionId,
    authenticatedAtSeconds: 0,
    permissions: new Set(),
    origin,
  };
}

async function program(user: TestUser, address: string): Promise<Actor> {
  const apiTokenId = uuidV7();
  await t.owner.query(
    `INSERT INTO api_tokens (user_id, id, name, token_hash, hint, scopes)
     VALUES ($1, $2, 'Backup', sha256($3), 'abcd', '{}')`,
    [user.id, apiTokenId, Buffer.from(apiTokenId)],
  );
  const origin = { requestId: uuidV7(), address, userAgent: 'curl/8.0' };
  return { kind: 'api_token', userId: user.id, apiTokenId, permissions: new Set(), origin };
}

function stranger(address: string): Actor {
  return { kind: 'anonymous', origin: { requestId: uuidV7(), address, userAgent: null } };
}

const change = (actor: Actor, of: TestUser, personal?: Record<string, unknown>) =>
  recordEvent(t.ctx.db, actor, {
    action: 'user.updated',
    target: { kind: 'user', id: of.id },
    userId: of.id,
    changes: { fields: ['name'] },
    ...(personal && { personal }),
  });

async function items(url: string, as: TestUser) {
  const answer = await t.call('GET', url, { as });
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  return answer.json().items;
}

describe('GET /users/me/activity', () => {
  test("says by whom, and where from only for one's own acts and attempts on the account", async () => {
    await change(person(ada, '192.0.2.1'), ada, { name: 'Ada' });
    await change(person(grace, '192.0.2.2'), ada);
    await change(await program(ada, '192.0.2.3'), ada);
    await change(await program(grace, '192.0.2.4'), ada);
    await change(OPERATOR, ada);
    await change(SYSTEM, ada);
    await change(stranger('192.0.2.5'), ada);
    const shown = (await items(ACTIVITY, ada)).reverse();
    expect(
      shown.map(({ by, address, device }: Record<string, unknown>) => [by, address, device]),
    ).toEqual([
      [{ kind: 'you' }, '192.0.2.1', 'Firefox on Linux'],
      [{ kind: 'administrator', name: 'Grace' }, null, null],
      [{ kind: 'api_token', name: 'Backup' }, '192.0.2.3', 'curl'],
      [{ kind: 'administrator', name: 'Grace' }, null, null],
      [{ kind: 'operator' }, null, null],
      [{ kind: 'system' }, null, null],
      [{ kind: 'anonymous' }, '192.0.2.5', null],
    ]);
    expect(shown[0]).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      occurred_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      action: 'user.updated',
      target: { kind: 'user', id: ada.id },
      changes: { fields: ['name'] },
      personal: { name: 'Ada' },
    });
    const text = JSON.stringify(shown);
    for (const secret of [grace.email, grace.id, '192.0.2.2', '192.0.2.4']) {
      expect(text).not.toContain(secret);
    }
  });

  test("shows nothing of anybody else's", async () => {
    const bob = await t.signIn('bob');
    expect(await items(ACTIVITY, bob)).toEqual([]);
    await change(person(bob, '192.0.2.6'), bob);
    expect(await items(ACTIVITY, bob)).toHaveLength(1);
    expect(JSON.stringify(await items(ACTIVITY, ada))).not.toContain('192.0.2.6');
  });

  test('pages without gaps and repetitions; cursors are good for the same person only', async () => {
    const eve = await t.signIn('eve');
    for (let n = 0; n < 5; n++) await change(person(eve, `192.0.2.${10 + n}`), eve);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const url: string = `${ACTIVITY}?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await t.call('GET', url, { as: eve })).json();
      seen.push(...page.items.map((item: { address: string }) => item.address));
      cursor = page.next_cursor;
      if (cursor) {
        const stolen = await t.call('GET', `${ACTIVITY}?limit=2&cursor=${cursor}`, { as: ada });
        expect(stolen.statusCode).toBe(400);
      }
    } while (cursor);
    expect(seen).toEqual(['192.0.2.14', '192.0.2.13', '192.0.2.12', '192.0.2.11', '192.0.2.10']);
  });

  test('is a matter of persons: refuses limits and fields that there are not', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'user_id=1', 'cursor=x']) {
      expect((await t.call('GET', `${ACTIVITY}?${query}`, { as: ada })).statusCode).toBe(400);
    }
  });
});

describe('GET /admin/audit', () => {
  test('403 without the permission', async () => {
    for (const url of [AUDIT, `${AUDIT}/verify`]) {
      const answer = await t.call('GET', url, { as: ada });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'permission.missing']);
    }
  });

  test('shows everything, personal parts until they are erased', async () => {
    const dan = await t.signIn('dan');
    const actor = person(dan, '198.51.100.1');
    await change(actor, dan, { email: 'old@example.org' });
    const url = `${AUDIT}?target=${dan.id}&action=user.updated`;
    const [event] = await items(url, grace);
    expect(event).toEqual({
      id: expect.stringMatching(/^\d+$/),
      occurred_at: expect.any(String),
      action: 'user.updated',
      actor: { kind: 'user', id: dan.id, email: dan.email, name: null, api_token_id: null },
      target: { kind: 'user', id: dan.id },
      user: { id: dan.id, email: dan.email, name: null },
      request_id: 'origin' in actor ? actor.origin.requestId : '',
      changes: { fields: ['name'] },
      origin: { address: '198.51.100.1', user_agent: FIREFOX },
      personal: { email: 'old@example.org' },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await eraseTraces(t.ctx.db, dan.id, 100);
    expect(await items(url, grace)).toEqual([{ ...event, origin: null, personal: null }]);
  });

  test('filters by actor, action, target and time, each alone and together', async () => {
    const [gil, hal] = [await t.signIn('gil'), await t.signIn('hal')];
    await change(person(gil, '198.51.100.2'), hal);
    await recordEvent(t.ctx.db, person(hal, '198.51.100.3'), {
      action: 'role.created',
      target: { kind: 'role', id: 'editors' },
      userId: null,
    });
    await change(OPERATOR, gil);
    const [toGil] = await items(`${AUDIT}?target=${gil.id}`, grace);
    const [toHal] = await items(`${AUDIT}?target=${hal.id}`, grace);
    const ids = async (query: string) =>
      (await items(`${AUDIT}?${query}`, grace)).map((item: { id: string }) => item.id);
    const [editors] = await ids('target=editors');
    expect(Number(editors)).toBeGreaterThan(0);
    expect(await ids(`actor=${gil.id.toUpperCase()}`)).toEqual([toHal.id]);
    expect(await ids(`actor=${hal.id}&action=role.created`)).toEqual([editors]);
    expect(await ids(`actor=${hal.id}&action=role.deleted`)).toEqual([]);
    expect((await ids('actor=operator'))[0]).toBe(toGil.id);
    expect(await ids(`actor=operator&target=${hal.id}`)).toEqual([]);
    const { occurred_at: from } = toHal;
    expect(await ids(`from=${from}&target=${hal.id}`)).toContain(toHal.id);
    expect(await ids(`to=${from}&target=${hal.id}`)).not.toContain(toHal.id);
    expect(await ids('to=2001-01-01T00:00:00Z')).toEqual([]);
    expect(await ids('from=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await ids('to=2999-01-01T00:00:00Z')).toContain(toHal.id);
  });

  test.each([
    'actor=root',
    'actor=user',
    'action=user.forgotten',
    'from=yesterday',
    'target=',
    'target=%00',
    'limit=1000',
    'user=1',
    'cursor=AAAA',
  ])('400 for %s, and nothing is written', async (query) => {
    const count = async () => (await t.owner.query('SELECT count(*) FROM audit_events')).rows;
    const before = await count();
    const answer = await t.call('GET', `${AUDIT}?${query}`, { as: grace });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid']);
    expect(await count()).toEqual(before);
  });

  test('reading it is an event itself, which a person sees whom it was filtered for', async () => {
    const ivy = await t.signIn('ivy');
    const views = () => items(`${AUDIT}?action=audit.viewed&actor=${grace.id}&limit=1`, grace);
    await items(`${AUDIT}?target=${ivy.id}&action=user.updated`, grace);
    expect(await views()).toMatchObject([{ changes: { filters: ['action', 'target'] } }]);
    expect(await views()).toMatchObject([{ changes: { filters: ['action', 'actor'] } }]);
    expect(await items(ACTIVITY, ivy)).toMatchObject([
      { action: 'audit.viewed', by: { kind: 'administrator', name: 'Grace' }, address: null },
    ]);
  });

  test('a cursor is good for the same filters only', async () => {
    const page = (await t.call('GET', `${AUDIT}?limit=1`, { as: grace })).json();
    const next = `${AUDIT}?limit=1&cursor=${page.next_cursor}`;
    const [second] = await items(next, grace);
    expect(Number(second.id)).toBeLessThan(Number(page.items[0].id));
    const other = await t.call('GET', `${next}&action=user.updated`, { as: grace });
    expect(other.statusCode).toBe(400);
  });
});

describe('GET /admin/audit/verify', () => {
  const verify = async () => (await t.call('GET', `${AUDIT}/verify`, { as: grace })).json();

  test('says that all is intact, and is an event itself', async () => {
    const { rows } = await t.owner.query('SELECT count(*)::int AS count FROM audit_events');
    expect(await verify()).toEqual({
      status: 'intact',
      checked: rows[0].count,
      signed_position: null,
      signed_at: null,
    });
    expect(await items(`${AUDIT}?action=audit.verified`, grace)).toMatchObject([
      { changes: { status: 'intact', checked: rows[0].count } },
    ]);
  });

  test('names the first event that does not fit', async () => {
    await t.owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_keep');
    await t.owner.query("UPDATE audit_events SET action = 'user.viewed' WHERE position IN (3, 5)");
    expect(await verify()).toMatchObject({
      status: 'broken',
      checked: 2,
      first_bad_position: '3',
      reason: 'hash',
    });
  });
});
