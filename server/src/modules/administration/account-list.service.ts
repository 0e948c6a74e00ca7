import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import type { Work } from '../../context.ts';
import type { Administrator } from '../roles/ceiling.service.ts';
import * as repository from './account-list.repository.ts';
import type { AccountSort } from './account-sort.ts';
import type { AccountStatus } from './accounts.repository.ts';

const DEFAULT_LIMIT = 50;

interface ListInput {
  q?: string;
  status?: AccountStatus;
  role?: string;
  created_from?: string;
  created_to?: string;
  sort?: AccountSort;
  limit?: number;
  cursor?: string;
}

/** A page of accounts, and how many there are on all pages. */
export interface AccountPage extends Page<repository.SortedAccountRow> {
  total: number;
}

/**
 * A page of accounts that are not deleted. A cursor is good for the same filters and sort.
 * @throws request.invalid
 */
export function listAccounts(
  ctx: Work,
  _actor: Administrator,
  input: ListInput,
): Promise<AccountPage> {
  return list(ctx, false, input);
}

/**
 * A page of deleted accounts that can still be restored.
 * @throws request.invalid
 */
export function listDeletedAccounts(
  ctx: Work,
  _actor: Administrator,
  input: Pick<ListInput, 'limit' | 'cursor'>,
): Promise<AccountPage> {
  return list(ctx, true, input);
}

async function list(ctx: Work, isDeleted: boolean, input: ListInput): Promise<AccountPage> {
  const { sort = '-created_at', limit = DEFAULT_LIMIT, cursor } = input;
  const filter = filterOf(isDeleted, input);
  const scope = JSON.stringify(['accounts', sort, filter]);
  const key = ctx.keys.cursor;
  const after = cursor === undefined ? {} : { after: decodeCursor(key, scope, cursor) };
  const [rows, total] = await Promise.all([
    // One more than asked for tells whether there is a next page.
    repository.listAccounts(ctx.db, { ...filter, sort, limit: limit + 1, ...after }),
    repository.countAccounts(ctx.db, filter),
  ]);
  return { ...pageOf(key, scope, rows, limit, (row) => [row.sort_value, row.id]), total };
}

function filterOf(isDeleted: boolean, input: ListInput): repository.AccountFilter {
  const { q, status, role, created_from: createdFrom, created_to: createdTo } = input;
  return {
    isDeleted,
    ...(q && { text: q }),
    ...(status !== undefined && { status }),
    ...(role !== undefined && { role }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdTo !== undefined && { createdTo }),
  };
}
