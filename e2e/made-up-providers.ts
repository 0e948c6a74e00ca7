import type { BrowserContext, Page } from '@playwright/test';

interface MadeUpProvider {
  name: string;
  label: string;
  icon_url: string | null;
  is_available: boolean;
}

/** All four kinds. */
export const PROVIDERS: MadeUpProvider[] = [
  { name: 'google', label: 'Google', icon_url: null, is_available: true },
  { name: 'github', label: 'GitHub', icon_url: null, is_available: true },
  { name: 'microsoft', label: 'Microsoft', icon_url: null, is_available: true },
  { name: 'oidc', label: 'Example Works', icon_url: null, is_available: true },
];

/** With one that can’t be reached. */
export const WITH_ONE_DOWN = PROVIDERS.map((provider) => ({
  ...provider,
  is_available: provider.name !== 'microsoft',
}));

/** Has the page see providers that the server doesn’t have, after `delayMs`. */
export async function showProviders(
  target: Page | BrowserContext,
  items: MadeUpProvider[] = PROVIDERS,
  delayMs = 0,
): Promise<void> {
  await target.route('**/api/v1/auth/providers', async (route) => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    await route.fulfill({ json: { items } });
  });
}

const ACCOUNTS = [
  {
    id: '01980000-0000-7000-8000-000000000001',
    provider: 'google',
    label: 'Google',
    email: 'ada@example.org',
    created_at: '2026-03-01T09:00:00.000Z',
    last_used_at: '2026-10-03T09:00:00.000Z',
    can_unlink: true,
  },
  {
    id: '01980000-0000-7000-8000-000000000002',
    provider: 'github',
    label: 'GitHub',
    email: 'lovelace@analytical-engine.example',
    created_at: '2026-05-03T09:00:00.000Z',
    last_used_at: null,
    can_unlink: true,
  },
];

/** Has the settings see identities; with `isLastWay` only one, which nothing can replace. */
export async function showConnected(
  target: Page | BrowserContext,
  { isLastWay = false } = {},
): Promise<void> {
  const items = isLastWay
    ? ACCOUNTS.slice(0, 1).map((account) => ({ ...account, can_unlink: false }))
    : ACCOUNTS;
  await target.route('**/api/v1/users/me/providers', (route) => route.fulfill({ json: { items } }));
}

const OTHER = { email: 'ada@old-address.example', name: 'Ada Lovelace', task_count: 12 };

/** Has the settings see an offer to merge and a merge that can be undone. */
export async function showMerges(target: Page | BrowserContext): Promise<void> {
  await target.route('**/api/v1/users/me/merges/offers/view', (route) =>
    route.fulfill({ json: { account: OTHER, expires_at: '2026-11-21T12:00:00.000Z' } }),
  );
  const merge = {
    ...OTHER,
    id: '01980000-0000-7000-8000-000000000003',
    merged_at: '2026-11-01T09:00:00.000Z',
    undoable_until: '2026-12-01T09:00:00.000Z',
  };
  await target.route('**/api/v1/users/me/merges', (route) =>
    route.request().method() === 'GET'
      ? route.fulfill({ json: { items: [merge] } })
      : route.fallback(),
  );
}
