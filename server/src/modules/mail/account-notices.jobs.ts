import type { Context } from '../../context.ts';
import { findRecipient } from '../users/mail-recipients.service.ts';
import type { Notice } from '../users/notices.service.ts';
import type { AccountNotice } from './account-mail-payloads.ts';
import { sentenceOfOrigin, timeInWords } from './account-mail-words.ts';
import { renderMail } from './mail.service.ts';

interface NoticeText {
  title: string;
  /** What has happened, and what of it; `{provider}` stands for the sign-in provider that it is about. */
  paragraphs: string[];
  /** What to do for whom it comes as a surprise. */
  advice: string;
}

const RESET_ADVICE =
  'If that was not you, choose a new password at once, with "Forgot password" on the sign-in page, and tell whoever runs the server.';
const ASK_ADVICE = 'If you did not expect that, ask whoever runs the server.';

/** What each notice says. They are about the safety of the account, so nobody can turn them off. */
const TEXTS: Record<Notice, NoticeText> = {
  registration_repeated: {
    title: 'You have an account already',
    paragraphs: [
      'Somebody tried to make an account with this address, which has one. Nothing was changed.',
      'If that was you, sign in; "Forgot password" on the sign-in page helps where the password is lost.',
    ],
    advice: 'If that was not you, there is nothing to do.',
  },
  password_changed: {
    title: 'Your password was changed',
    paragraphs: ['The password of your account was changed. Other devices were signed out.'],
    advice: RESET_ADVICE,
  },
  password_reset: {
    title: 'Your password was reset',
    paragraphs: [
      'The password of your account was set anew with a link mailed to you. All devices were signed out.',
    ],
    advice: RESET_ADVICE,
  },
  email_change_requested: {
    title: 'Another e-mail address was asked for',
    paragraphs: [
      'Your account is to get another e-mail address. Until that is confirmed from the new mailbox, this one stays.',
    ],
    advice: RESET_ADVICE,
  },
  email_changed: {
    title: 'Your e-mail address was changed',
    paragraphs: ['Your account has another e-mail address now; this one is no longer its own.'],
    advice: 'If that was not you, tell whoever runs the server at once.',
  },
  email_changed_by_administrator: {
    title: 'Your e-mail address was changed',
    paragraphs: ['An administrator gave your account another e-mail address.'],
    advice: ASK_ADVICE,
  },
  account_deleted: {
    title: 'Your account was deleted',
    paragraphs: [
      'Your account and its tasks were deleted. An administrator can restore them for 30 days; then they go for good.',
    ],
    advice: 'If that was not you, ask whoever runs the server to restore it.',
  },
  account_deleted_by_administrator: {
    title: 'Your account was deleted',
    paragraphs: [
      'An administrator deleted your account and its tasks. They can be restored for 30 days; then they go for good.',
    ],
    advice: ASK_ADVICE,
  },
  account_restored: {
    title: 'Your account was restored',
    paragraphs: ['Your account and its tasks are there again. Sign in as before.'],
    advice: ASK_ADVICE,
  },
  refresh_token_reused: {
    title: 'A session was ended for safety',
    paragraphs: [
      'A sign-in token of yours was used a second time, as happens when somebody has copied it. That session was ended; sign in again.',
    ],
    advice: RESET_ADVICE,
  },
  identity_linked: {
    title: 'A sign-in provider was connected',
    paragraphs: [
      '{provider} was connected to your account: whoever signs in there as you did is signed in here.',
    ],
    advice:
      'If that was not you, disconnect it in the settings of your account, and choose a new password.',
  },
  identity_unlinked: {
    title: 'A sign-in provider was disconnected',
    paragraphs: [
      '{provider} was disconnected from your account and signs nobody in to it any more.',
    ],
    advice: RESET_ADVICE,
  },
  account_taken_over: {
    title: 'The account with your address is yours now',
    paragraphs: [
      'There was an account with this address already, which nobody had proven to be theirs. You have, by signing in with {provider}, so it was given to you.',
      'Its password, its sessions and everything else that let somebody in were removed. Tasks that are in it were added before.',
    ],
    advice:
      'If you made that account yourself, there is nothing to do: sign in with {provider} as you just did, or choose a password with "Forgot password" on the sign-in page.',
  },
  account_merged: {
    title: 'Two of your accounts were merged',
    paragraphs: [
      'The tasks and connected sign-in providers of one of your accounts moved into another one, and the first was deleted. The addresses of both get this mail.',
      'For 30 days that can be undone, in the settings of the account that is left.',
    ],
    advice: 'If that was not you, tell whoever runs the server at once.',
  },
  account_merge_undone: {
    title: 'Two of your accounts were separated again',
    paragraphs: [
      'The merging of two of your accounts was undone: the one that was deleted is there again, with what had come from it. The addresses of both get this mail.',
      'Sign in to it as before; API tokens that it had stay revoked.',
    ],
    advice: RESET_ADVICE,
  },
};

/** Mails one notice. */
export async function mailNotice(ctx: Context, payload: AccountNotice): Promise<void> {
  const recipient = await findRecipient(ctx, payload.user_id);
  const address = payload.email ?? recipient?.email ?? null;
  if (!recipient || address === null) return;
  const { title, paragraphs, advice } = TEXTS[payload.notice];
  const fill = (text: string) =>
    text.replaceAll('{provider}', () => payload.provider ?? 'A sign-in provider');
  const content = {
    title,
    paragraphs: [
      ...paragraphs.map(fill),
      `This was on ${timeInWords(payload.at)}, at ${ctx.publicUrl}.`,
      ...sentenceOfOrigin(payload.origin),
    ],
    closing: [fill(advice)],
  };
  await ctx.mailer.send({
    template: payload.notice,
    to: { name: recipient.name, address },
    subject: title,
    ...renderMail(content),
  });
}
