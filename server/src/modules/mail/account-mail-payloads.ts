import { type Static, Type } from 'typebox';
import { NOTICES, type Notice } from '../users/notices.service.ts';

/** Where an act came from; erased with the person, like everything in a payload. */
const Origin = Type.Object({
  address: Type.Union([Type.String(), Type.Null()]),
  user_agent: Type.Union([Type.String(), Type.Null()]),
});
const OptionalOrigin = Type.Union([Origin, Type.Null()]);
const OptionalText = Type.Union([Type.String(), Type.Null()]);

/** What the jobs that mail about accounts are told: whom it is about. Tokens are made when the mail is. */
export const ACCOUNT_MAIL_PAYLOADS = {
  /** To a canonical address, whether or not it has an account. */
  'mail.verify_email': Type.Object({ email: Type.String() }),
  /** To the account with the id or, whether or not it has one, to a canonical address. */
  'mail.reset_password': Type.Object({
    user_id: OptionalText,
    email: OptionalText,
    request_id: OptionalText,
    origin: OptionalOrigin,
  }),
  'mail.confirm_email': Type.Object({ user_id: Type.String() }),
  'mail.account_notice': Type.Object({
    user_id: Type.String(),
    notice: Type.Unsafe<Notice>({ type: 'string', enum: [...NOTICES] }),
    at: Type.String(),
    /** Instead of the present address. */
    email: OptionalText,
    /** What the sign-in provider is called that it is about. */
    provider: Type.Optional(Type.String()),
    origin: OptionalOrigin,
  }),
} as const;

type Payloads = typeof ACCOUNT_MAIL_PAYLOADS;
export type VerifyEmail = Static<Payloads['mail.verify_email']>;
export type ResetPassword = Static<Payloads['mail.reset_password']>;
export type ConfirmEmail = Static<Payloads['mail.confirm_email']>;
export type AccountNotice = Static<Payloads['mail.account_notice']>;
