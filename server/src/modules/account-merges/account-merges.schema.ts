import { type Static, Type } from 'typebox';
import { Nullable, refTo, Timestamp } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { Login } from '../sessions/sessions.schema.ts';
import { ConfirmingPassword } from '../users/account.schema.ts';
import { KEEP_DELETED_DAYS } from '../users/deletion.service.ts';
import type { MergeRow } from './account-merges.service.ts';
import type { Offer } from './merge-offers.service.ts';

const DAY_MS = 86_400_000;

/** A token of another form is as unknown as any other. */
const OfferToken = Type.String({ 'x-text': 'keep', maxLength: 1000 });

const TaskCount = Type.Integer({ description: 'Those in the trash too.' });

/** The other account's, as at a sign-in. */
export const Proof = Type.Object(
  { email: Login.properties.email, password: Login.properties.password },
  { additionalProperties: false },
);

export const OfferName = Type.Object({ token: OfferToken }, { additionalProperties: false });

export const MergeOffer = Type.Object(
  {
    account: Type.Object({
      email: Nullable(Type.String()),
      name: Nullable(Type.String()),
      task_count: TaskCount,
    }),
    expires_at: Timestamp,
  },
  { $id: 'MergeOffer' },
);
export type MergeOffer = Static<typeof MergeOffer>;

export const MadeMergeOffer = Type.Object({
  ...MergeOffer.properties,
  token: Type.String({ description: 'Good once, in this session.', pattern: '^[\\w-]{43}$' }),
});

export const NewMerge = Type.Object(
  { token: OfferToken, password: ConfirmingPassword },
  { additionalProperties: false },
);

export const AccountMerge = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    email: Nullable(Type.String({ description: 'Of the account that was merged.' })),
    name: Nullable(Type.String()),
    task_count: TaskCount,
    merged_at: Timestamp,
    undoable_until: Timestamp,
  },
  { $id: 'AccountMerge' },
);
export type AccountMerge = Static<typeof AccountMerge>;

export const AccountMergeList = Type.Object({ items: Type.Array(refTo(AccountMerge)) });

export const MergeParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** An offer as the person sees it who may take it. */
export function toMergeOffer({ email, name, task_count, expires_at }: Offer): MergeOffer {
  return { account: { email, name, task_count }, expires_at: toRfc3339(expires_at) };
}

/** A merge as the person sees it who may undo it. */
export function toAccountMerge({
  id,
  email,
  name,
  task_count,
  created_at,
}: MergeRow): AccountMerge {
  const mergedAt = toRfc3339(created_at);
  const undoableUntil = new Date(Date.parse(mergedAt) + KEEP_DELETED_DAYS * DAY_MS);
  return {
    id,
    email,
    name,
    task_count,
    merged_at: mergedAt,
    undoable_until: undoableUntil.toISOString(),
  };
}
