import { canonicalEmail } from '../../auth/email-address.ts';
import { isUuid } from '../../auth/uuid.ts';
import type { Work } from '../../context.ts';
import type { Administrator } from '../roles/ceiling.service.ts';
import * as repository from './find-account.repository.ts';

export type { NamedAccount } from './find-account.repository.ts';

/**
 * The accounts that a text names, an id or an address; the one that is not deleted comes first. Of
 * deleted ones several may have had the same address.
 */
export function findAccounts(
  ctx: Work,
  _actor: Administrator,
  name: string,
): Promise<repository.NamedAccount[]> {
  if (isUuid(name)) return repository.findById(ctx.db, name);
  return repository.findByEmail(ctx.db, canonicalEmail(name.normalize('NFC')));
}
