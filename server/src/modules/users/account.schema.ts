import { type Static, Type } from 'typebox';
import { Nullable, Timestamp, Words } from '../../http/schema.ts';
import type { OwnAccount } from './own-account.service.ts';
import { Email, Name, NewPassword, toUserResponse, User } from './users.schema.ts';

/** A password as it is, right or wrong. */
const GivenPassword = Type.String({
  'x-text': 'keep',
  maxLength: 1000,
  examples: ['correct horse battery staple'],
});

/** A token out of a mailed link; one of another form is as unknown as any other. */
const MailedToken = Type.String({ 'x-text': 'keep', maxLength: 1000 });

const Theme = Words(['system', 'light', 'dark']);
const TimeZone = Nullable(
  Type.String({
    'x-text': 'trim',
    minLength: 1,
    maxLength: 64,
    description: 'An IANA name; null: that of the device.',
    examples: ['Europe/Berlin'],
  }),
);
const EmailNotices = Type.Boolean({
  description: 'Mail that is not about the safety of the account, which is always sent.',
});

const Preferences = Type.Object(
  { theme: Theme, time_zone: TimeZone, email_notices: EmailNotices },
  { additionalProperties: false },
);

const SomePreferences = Type.Object(
  {
    theme: Type.Optional(Theme),
    time_zone: Type.Optional(TimeZone),
    email_notices: Type.Optional(EmailNotices),
  },
  { additionalProperties: false },
);

/** One's own, where the sign-in is not fresh any more. */
export const ConfirmingPassword = Type.Optional(GivenPassword);

/** The body of what asks for nothing but a fresh sign-in or the password. */
export const OwnPassword = Type.Object(
  { password: ConfirmingPassword },
  { additionalProperties: false, 'x-optional': true },
);

export const OwnUser = Type.Object(
  {
    ...User.properties,
    has_password: Type.Boolean({
      description: 'Whether one can sign in with a password; else only with a provider.',
    }),
    roles: Type.Array(Type.String()),
    permissions: Type.Array(Type.String()),
    preferences: Type.Object({
      theme: Theme,
      time_zone: Nullable(Type.String()),
      email_notices: Type.Boolean(),
    }),
    pending_email: Nullable(
      Type.String({ description: 'The new address, until the link mailed to it has been used.' }),
    ),
  },
  { $id: 'OwnUser' },
);
export type OwnUser = Static<typeof OwnUser>;

/** All of an account that its owner decides about. */
export const WholeAccount = Type.Object(
  { name: Name, email: Email, preferences: Preferences, password: ConfirmingPassword },
  { additionalProperties: false },
);

/** A part of it. */
export const AccountPart = Type.Object(
  {
    name: Type.Optional(Name),
    email: Type.Optional(Email),
    preferences: Type.Optional(SomePreferences),
    password: ConfirmingPassword,
  },
  { additionalProperties: false },
);

export const PasswordChange = Type.Object(
  { current_password: GivenPassword, new_password: NewPassword },
  { additionalProperties: false },
);

export const PasswordReset = Type.Object(
  { token: MailedToken, password: NewPassword },
  { additionalProperties: false },
);

export const Confirmation = Type.Object({ token: MailedToken }, { additionalProperties: false });

/** Whose mail is asked for. */
export const Mailbox = Type.Object({ email: Email }, { additionalProperties: false });

export const Deleted = Type.Object({ message: Type.String(), restorable_until: Timestamp });

export const Verified = Type.Object({ status: Words(['verified', 'already_verified']) });

/** One's own account as the API shows it. */
export function toOwnUserResponse(account: OwnAccount): OwnUser {
  const { roles, permissions, theme, time_zone, email_notices, pending_email } = account;
  return {
    ...toUserResponse(account),
    has_password: account.password_hash !== null,
    roles,
    permissions,
    preferences: { theme, time_zone, email_notices },
    pending_email,
  };
}
