import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Fails when the page, called `what` then, breaks a rule of accessibility. */
export async function expectNoViolations(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
  expect(found).toEqual([]);
}
