import type pg from 'pg';
import { hashApiToken, hintOf, newApiToken } from '../../src/auth/api-token.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';

/** Stores an API token of a user, good for an hour, and answers it. */
export async function addApiToken(
  owner: pg.Client,
  userId: string,
  scopes: string[],
): Promise<{ id: string; token: string }> {
  const id = uuidV7();
  const token = newApiToken();
  await owner.query(
    `INSERT INTO api_tokens (user_id, id, name, token_hash, hint, scopes, expires_at)
     VALUES ($1, $2, 'a token', $3, $4, $5, now() + interval '1 hour')`,
    [userId, id, hashApiToken(token), hintOf(token), scopes],
  );
  return { id, token };
}

/** The header of a request by a program. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
