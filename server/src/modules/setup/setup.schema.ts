import { Type } from 'typebox';
import { Registration } from '../users/users.schema.ts';

/** The first administrator, by whoever holds the set-up link. */
export const SetUp = Type.Object(
  { token: Type.String({ 'x-text': 'keep', maxLength: 1000 }), ...Registration.properties },
  { additionalProperties: false },
);
