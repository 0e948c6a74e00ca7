import type { Context } from '../../context.ts';
import { anonymousOf } from '../../http/origin.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { Accepted } from '../../http/schema.ts';
import { Confirmation, Mailbox, PasswordReset, Verified } from './account.schema.ts';
import { confirmEmail } from './own-account.service.ts';
import { forgotPassword, resetPassword } from './password.service.ts';
import { resendVerification, verifyEmail } from './verification.service.ts';

/** What whoever holds a mailed link can do with it, and how to be mailed one. */
export function accountLinkRoutes(app: Api, ctx: Context): void {
  verificationRoutes(app, ctx);
  forgottenPasswordRoutes(app, ctx);
  confirmationRoute(app, ctx);
}

function verificationRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/verify/:token',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'verifyEmail',
        tags: ['Account'],
        summary: 'Verify an e-mail address with the token mailed to it',
        response: { 200: Verified, ...problems(410, 429, 503) },
      },
    },
    async (request) => {
      const { token } = request.params as { token: string };
      return { status: await verifyEmail(ctx, anonymousOf(request), token) };
    },
  );

  app.post(
    '/api/v1/verify/resend',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'resendVerification',
        tags: ['Account'],
        summary: 'Mail the verification link again',
        description: 'The answer is always the same, whether or not there is such an account.',
        body: Mailbox,
        response: { 202: Accepted, ...problems(400, 429, 503) },
      },
    },
    async (request, reply) => {
      await resendVerification(ctx, request.body.email);
      return reply.code(202).send({ status: 'accepted' });
    },
  );
}

function forgottenPasswordRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/password/forgot',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'forgotPassword',
        tags: ['Account'],
        summary: 'Mail a link that resets the password',
        description: 'The answer is always the same, whether or not there is such an account.',
        body: Mailbox,
        response: { 202: Accepted, ...problems(400, 429, 503) },
      },
    },
    async (request, reply) => {
      await forgotPassword(ctx, anonymousOf(request), request.body.email);
      return reply.code(202).send({ status: 'accepted' });
    },
  );

  app.post(
    '/api/v1/password/reset',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'resetPassword',
        tags: ['Account'],
        summary: 'Set a new password with the token mailed for it',
        description: 'Every session ends, and nobody is signed in.',
        body: PasswordReset,
        response: { ...noContent, ...problems(400, 410, 429, 503) },
      },
    },
    async (request, reply) => {
      await resetPassword(ctx, anonymousOf(request), request.body);
      return reply.code(204).send();
    },
  );
}

function confirmationRoute(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/users/me/email/confirm',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'confirmEmail',
        tags: ['Account'],
        summary: 'Make the new e-mail address the one of the account, with the token mailed to it',
        body: Confirmation,
        response: { ...noContent, ...problems(400, 409, 410, 429, 503) },
      },
    },
    async (request, reply) => {
      await confirmEmail(ctx, anonymousOf(request), request.body.token);
      return reply.code(204).send();
    },
  );
}
