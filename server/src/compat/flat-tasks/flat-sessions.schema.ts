import { type Static, Type } from 'typebox';
import { ACCESS_TOKEN_LIFE_SECONDS } from '../../auth/access-token.ts';
import { Nullable, refTo } from '../../http/schema.ts';
import type { SignedIn } from '../../modules/sessions/sessions.service.ts';
import { Email, NewPassword, toUserResponse, User } from '../../modules/users/users.schema.ts';

const Password = Type.String({ 'x-text': 'keep', examples: ['correct horse battery staple'] });
const GivenEmail = Type.String({ 'x-text': 'trim', examples: ['ada@example.org'] });

export const FlatRegistration = Type.Object({
  email: Email,
  password: NewPassword,
  name: Type.Optional(Nullable(Type.String({ 'x-text': 'trim', maxLength: 100 }))),
});

export const JsonLogin = Type.Object({ email: GivenEmail, password: Password });

export const FormLogin = Type.Object({ username: GivenEmail, password: Password });

/** The body of a request that needs none, and whose fields mean nothing. */
export const NoBody = Type.Object({}, { 'x-optional': true });

export const FlatAccessGrant = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds.', examples: [ACCESS_TOKEN_LIFE_SECONDS] }),
    user: refTo(User),
  },
  { $id: 'FlatAccessGrant' },
);
export type FlatAccessGrant = Static<typeof FlatAccessGrant>;

export const FlatRegistered = Type.Object(
  {
    ...User.properties,
    access_token: Nullable(
      Type.String({ description: 'null where the address is to be verified before the sign-in.' }),
    ),
    token_type: Type.Literal('bearer'),
  },
  { $id: 'FlatRegistered' },
);

/** The part of a sign-in that goes into the body; the refresh token goes into the cookie alone. */
export function toFlatAccessGrant(signedIn: SignedIn): FlatAccessGrant {
  return {
    access_token: signedIn.accessToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_LIFE_SECONDS,
    user: toUserResponse(signedIn.user),
  };
}
