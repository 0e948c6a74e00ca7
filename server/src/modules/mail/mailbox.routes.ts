import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { isFromThisMachine } from '../../http/loopback.ts';
import type { Api } from '../../http/route.ts';
import type { DevMailbox, KeptMail } from './dev-mailbox.ts';
import { framedHtml, listPage, MAIL_POLICY, mailPage, PAGE_POLICY } from './mailbox-page.ts';

const CONFIG = { access: 'public', rateLimit: 'none' } as const;
const SCHEMA = { hide: true };

/** The mails of a server in development, for whoever sits at the machine and for nobody else. */
export function mailboxRoutes(app: Api, ctx: Context): void {
  const { mailbox } = ctx.mailer;
  if (!mailbox) return;
  const onRequest = async (request: FastifyRequest) => {
    if (!isFromThisMachine(request)) throw new AppError('route.not_found');
  };
  const options = { config: CONFIG, schema: SCHEMA, onRequest };
  app.get('/dev/mailbox', options, (_request, reply) =>
    sendHtml(reply, PAGE_POLICY, listPage(mailbox.list())),
  );
  app.get('/dev/mailbox/:id', options, (request, reply) =>
    sendHtml(reply, PAGE_POLICY, mailPage(mailOf(mailbox, request))),
  );
  app.get('/dev/mailbox/:id/html', options, (request, reply) =>
    sendHtml(reply, MAIL_POLICY, framedHtml(mailOf(mailbox, request))),
  );
}

function mailOf(mailbox: DevMailbox, request: FastifyRequest): KeptMail {
  const mail = mailbox.find(Number((request.params as { id: string }).id));
  if (!mail) throw new AppError('route.not_found');
  return mail;
}

function sendHtml(reply: FastifyReply, policy: string, html: string): FastifyReply {
  return reply
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(html);
}
