import { type Static, Type } from 'typebox';
import { ACCESS_TOKEN_LIFE_SECONDS } from '../../auth/access-token.ts';
import { refTo } from '../../http/schema.ts';
import { toUserResponse, User } from '../users/users.schema.ts';
import type { SignedIn } from './sessions.service.ts';

export const Login = Type.Object(
  {
    email: Type.String({ 'x-text': 'trim', examples: ['ada@example.org'] }),
    password: Type.String({ 'x-text': 'keep', examples: ['correct horse battery staple'] }),
    remember: Type.Optional(
      Type.Boolean({ description: 'Keep the session for 30 days without use instead of one.' }),
    ),
  },
  { additionalProperties: false },
);

export const AccessGrant = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.', examples: [ACCESS_TOKEN_LIFE_SECONDS] }),
    user: refTo(User),
  },
  { $id: 'AccessGrant' },
);
export type AccessGrant = Static<typeof AccessGrant>;

/** The part of a sign-in that goes into the body; the refresh token goes into the cookie alone. */
export function toAccessGrant(signedIn: SignedIn): AccessGrant {
  return {
    access_token: signedIn.accessToken,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_LIFE_SECONDS,
    user: toUserResponse(signedIn.user),
  };
}
