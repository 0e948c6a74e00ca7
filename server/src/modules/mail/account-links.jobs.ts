import type { AnonymousActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { linkWithToken } from '../../auth/one-time-token.ts';
import type { Context } from '../../context.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { mintToken } from '../mailed-tokens/mailed-tokens.service.ts';
import {
  findRecipient,
  findRecipientByEmail,
  type MailRecipient,
} from '../users/mail-recipients.service.ts';
import type { ConfirmEmail, ResetPassword, VerifyEmail } from './account-mail-payloads.ts';
import { sentenceOfOrigin } from './account-mail-words.ts';
import { type MailContent, renderMail } from './mail.service.ts';

/** Mails the link that verifies an address, where that is the address of an unverified account. */
export async function mailVerification(ctx: Context, { email }: VerifyEmail): Promise<void> {
  const recipient = await findRecipientByEmail(ctx, email);
  if (recipient?.status !== 'unverified' || recipient.email === null) return;
  const minted = await mintToken(ctx, recipient.userId, 'verify');
  if (minted?.canonicalEmail !== canonicalEmail(recipient.email)) return;
  await send(ctx, 'verify_email', recipient, recipient.email, {
    title: 'Verify your e-mail address',
    paragraphs: [
      `Somebody made an account at ${ctx.publicUrl} with this address.`,
      'If that was you, open the link to say that the address is yours. It is good for 24 hours.',
    ],
    action: {
      label: 'Verify the address',
      url: linkWithToken(ctx.publicUrl, 'verify', minted.token),
    },
    closing: [
      'If that was not you, do not open it: whoever made the account would have it in your name.',
    ],
  });
}

/** Mails the link that resets a password, where there is an account that may sign in. */
export async function mailPasswordReset(ctx: Context, payload: ResetPassword): Promise<void> {
  const { user_id: userId, email, origin } = payload;
  const recipient =
    userId === null
      ? await findRecipientByEmail(ctx, email ?? '')
      : await findRecipient(ctx, userId);
  if (!recipient || recipient.email === null) return;
  const minted = await mintToken(ctx, recipient.userId, 'reset');
  if (minted?.canonicalEmail !== canonicalEmail(recipient.email)) return;
  const cause =
    userId === null
      ? `Somebody asked for a new password for your account at ${ctx.publicUrl}.`
      : `An administrator of ${ctx.publicUrl} asks you to choose a new password.`;
  await send(ctx, 'reset_password', recipient, recipient.email, {
    title: 'Choose a new password',
    paragraphs: [
      cause,
      ...sentenceOfOrigin(origin),
      'Open the link to choose one. It is good for 30 minutes, and once.',
    ],
    action: {
      label: 'Choose a new password',
      url: linkWithToken(ctx.publicUrl, 'reset-password', minted.token),
    },
    closing: ['If you did not ask for it, do nothing: your password stays as it is.'],
  });
  if (userId === null) await noteRequest(ctx, recipient.userId, payload);
}

/** Mails the link that puts a new address in the place of the old one, to the new one. */
export async function mailEmailConfirmation(ctx: Context, payload: ConfirmEmail): Promise<void> {
  const recipient = await findRecipient(ctx, payload.user_id);
  if (!recipient || recipient.pendingEmail === null) return;
  const minted = await mintToken(ctx, recipient.userId, 'change_email');
  // Changed once more meanwhile: that has a job of its own.
  if (minted?.canonicalEmail !== canonicalEmail(recipient.pendingEmail)) return;
  await send(ctx, 'confirm_email', recipient, recipient.pendingEmail, {
    title: 'Confirm your new e-mail address',
    paragraphs: [
      `Somebody, most likely you, asked for this to become the address of their account at ${ctx.publicUrl}.`,
      'Open the link to confirm it. It is good for one hour.',
    ],
    action: {
      label: 'Confirm the address',
      url: linkWithToken(ctx.publicUrl, 'confirm-email', minted.token),
    },
    closing: ['If that was not you, do nothing: the account keeps its present address.'],
  });
}

function send(
  ctx: Context,
  template: string,
  { name }: MailRecipient,
  address: string,
  content: MailContent,
): Promise<void> {
  const subject = content.title;
  return ctx.mailer.send({ template, to: { name, address }, subject, ...renderMail(content) });
}

/** The request could not be noted before it was known whose account it was about. */
function noteRequest(ctx: Context, userId: string, payload: ResetPassword): Promise<void> {
  const { request_id: requestId, origin } = payload;
  const actor: AnonymousActor = {
    kind: 'anonymous',
    origin: {
      requestId: requestId ?? '',
      address: origin?.address ?? null,
      userAgent: origin?.user_agent ?? null,
    },
  };
  return recordEvent(ctx.db, actor, {
    action: 'password.reset_requested',
    target: { kind: 'user', id: userId },
    userId,
  });
}
