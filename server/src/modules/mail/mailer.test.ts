import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailServer, startMailServer } from '../../../test/harness/mail-server.ts';
import { loadConfig } from '../../config/config.ts';
import { collectSettings } from '../../config/env.ts';
import { createLog } from '../../platform/log.ts';
import { Metrics } from '../../platform/metrics.ts';
import { openMailer } from './mailer.ts';

let server: MailServer;

beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.close());

const PRODUCTION = {
  PROFILE: 'production',
  PUBLIC_URL: 'https://tasks.example.org',
  SECRET_KEY: 'x'.repeat(40),
  DATABASE_URL: 'embedded',
};

function mailerWith(settings: Record<string, string>) {
  let log = '';
  const metrics = new Metrics(() => ({ total: 0, idle: 0, waiting: 0, max: 0 }));
  const config = loadConfig(collectSettings(settings));
  const mailer = openMailer(
    {
      config,
      publicUrl: config.publicUrl ?? 'http://localhost:3000',
      log: createLog('info', {
        write(line) {
          log += line;
        },
      }),
    },
    metrics,
  );
  return { mailer, metrics, log: () => log };
}

const mailTo = (address: string, name: string | null = null) => ({
  template: 'verify_email',
  to: { name, address },
  subject: 'Confirm your address',
  text: 'https://tasks.example.org/verify#token=SECRET\n',
  html: '<a href="https://tasks.example.org/verify#token=SECRET">x</a>',
});

describe('a mail with a mail server', () => {
  const smtp = () => ({ SMTP_URL: `smtp://127.0.0.1:${server.port}` });

  it('is sent from the configured address, and counted', async () => {
    const { mailer, metrics } = mailerWith({ ...smtp(), MAIL_FROM: 'Tasks <tasks@example.org>' });
    await mailer.send(mailTo('ada@example.org', 'Ada'));
    const { mail } = await server.mailTo('ada@example.org');
    expect(mail.from).toEqual({ name: 'Tasks', address: 'tasks@example.org' });
    expect(await metrics.text()).toContain(
      'docket_mails_total{template="verify_email",outcome="sent"} 1',
    );
    mailer.close();
  });

  it.each([
    'a@x.com,b@y.com',
    'a@x.com;b@y.com',
    'a@x.com b@y.com',
    'a@x.com\r\nBcc: b@y.com',
    'a@x.com\nRCPT TO:<b@y.com>',
    '"a@x.com, b"@y.com',
    'a(b@y.com)@x.com',
    '<b@y.com>',
    'Ada <b@y.com>',
    'a@x.com\u0000',
    'ä@x.com',
    'a@xn--\u00e4.com',
    'a@b@y.com',
    '@y.com',
    'a@',
    '',
  ])('to %j is not sent, and the server sees no recipient', async (address) => {
    const before = server.recipients.length;
    const { mailer, metrics } = mailerWith(smtp());
    await expect(mailer.send(mailTo(address))).rejects.toThrow('did not go out');
    mailer.close();
    expect(server.recipients.length).toBe(before);
    expect(await metrics.text()).toContain('outcome="failed"} 1');
  });

  it('keeps line breaks of a name out of the headers', async () => {
    const { mailer } = mailerWith(smtp());
    await mailer.send(mailTo('bob@example.org', 'Bob\r\nBcc: eve@example.org\u2028x'));
    const { raw, mail } = await server.mailTo('bob@example.org');
    expect(mail.to?.[0]?.name).toBe('Bob Bcc: eve@example.org x');
    expect(raw).not.toMatch(/^bcc:/im);
    expect(server.recipients).not.toContain('eve@example.org');
    mailer.close();
  });
});

describe('a mail without a mail server', () => {
  it('is logged by recipient and subject, in production without a mailbox and with a warning', async () => {
    const { mailer, log } = mailerWith(PRODUCTION);
    expect(log()).toContain('SMTP_URL is not set');
    await mailer.send(mailTo('ada@example.org'));
    expect(log()).toContain('"to":"ada@example.org","subject":"Confirm your address"');
    expect(log()).not.toContain('SECRET');
    expect(mailer.mailbox).toBeNull();
  });

  it('can be looked at in development, the last hundred of them', async () => {
    const { mailer, log } = mailerWith({});
    for (let n = 0; n < 101; n++) await mailer.send(mailTo(`n${n}@example.org`));
    const kept = mailer.mailbox?.list() ?? [];
    expect([kept.length, kept[0]?.to.address]).toEqual([100, 'n100@example.org']);
    expect(log()).not.toContain('SECRET');
  });
});
