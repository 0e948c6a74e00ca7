import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Where a provider keeps sessions, codes and tokens: in memory, until it ends. */
export function memoryAdapter(): (model: string) => Adapter {
  const kept = new Map<string, { payload: AdapterPayload; expiresAt: number }>();
  const find = async (key: string) => {
    const entry = kept.get(key);
    if (!entry || entry.expiresAt > Date.now()) return entry?.payload;
    kept.delete(key);
    return undefined;
  };
  const findBy = async (model: string, field: 'uid' | 'userCode', value: string) => {
    for (const [key, { payload }] of kept) {
      if (key.startsWith(`${model}:`) && payload[field] === value) return find(key);
    }
    return undefined;
  };
  return (model) => ({
    find: (id) => find(`${model}:${id}`),
    findByUid: (uid) => findBy(model, 'uid', uid),
    findByUserCode: (userCode) => findBy(model, 'userCode', userCode),
    async upsert(id, payload, lifetimeSeconds) {
      const expiresAt = Date.now() + (lifetimeSeconds ?? Number.POSITIVE_INFINITY) * 1000;
      kept.set(`${model}:${id}`, { payload, expiresAt });
    },
    async consume(id) {
      const payload = await find(`${model}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      kept.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of kept) {
        if (payload.grantId === grantId) kept.delete(key);
      }
    },
  });
}
