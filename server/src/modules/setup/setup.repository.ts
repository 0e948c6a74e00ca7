import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

interface ByHash {
  tokenHash: Buffer;
}

const insertStatement = defineStatement<ByHash>('setup.insert', (p) =>
  builder.insertInto('setup_tokens').values({ token_hash: p.tokenHash }),
);

const findStatement = defineStatement<ByHash>('setup.find', (p) =>
  builder.selectFrom('setup_tokens').select('token_hash').where('token_hash', '=', p.tokenHash),
);

const deleteAllStatement = defineStatement<Record<string, never>>('setup.delete_all', () =>
  builder.deleteFrom('setup_tokens'),
);

/** Stores a token. */
export async function insertToken(db: Queryable, tokenHash: Buffer): Promise<void> {
  await db.run(insertStatement({ tokenHash }));
}

/** Whether there is such a token. */
export async function hasToken(db: Queryable, tokenHash: Buffer): Promise<boolean> {
  return (await db.run(findStatement({ tokenHash }))).length > 0;
}

/** Deletes every token. */
export async function deleteTokens(db: Queryable): Promise<void> {
  await db.run(deleteAllStatement({}));
}
