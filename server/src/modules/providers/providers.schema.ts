import { Type } from 'typebox';
import { Nullable } from '../../http/schema.ts';

export const ProviderList = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String({ examples: ['google'] }),
      label: Type.String({ description: 'For people, such as "Google".' }),
      icon_url: Nullable(Type.String({ description: 'A picture as `data:` URL.' })),
      is_available: Type.Boolean({ description: 'Whether it could be reached last.' }),
    }),
  ),
});

export const ProviderParams = Type.Object({
  provider: Type.String({
    maxLength: 64,
    description: 'The `name` of one that is enabled.',
    examples: ['google'],
  }),
});

export const SignInQuery = Type.Object(
  {
    return_to: Type.Optional(
      Type.String({
        maxLength: 2000,
        description: 'A path of the web application; anything else counts as `/`.',
      }),
    ),
    remember: Type.Optional(Type.Boolean({ description: 'As at sign-in with a password.' })),
    fresh: Type.Optional(
      Type.Boolean({ description: 'Whether the provider is to ask for the credentials again.' }),
    ),
    at_public_url: Type.Optional(
      Type.Boolean({ description: 'Set where a browser was led to the public address first.' }),
    ),
  },
  { additionalProperties: false },
);

export const LinkAnswer = Type.Object({
  authorization_url: Type.String({ description: 'Where the browser goes on.' }),
});
