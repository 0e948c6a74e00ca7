import { isEmailAddress } from '../../auth/email-address.ts';
import type { Config } from '../../config/config.ts';
import type { Log } from '../../platform/log.ts';
import {
  isLocalSmtp,
  type Mailbox,
  MailError,
  SmtpTransport,
} from '../../platform/mail/smtp-transport.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { DevMailbox } from './dev-mailbox.ts';

export interface Mail {
  /** What kind of mail it is, for the log and the metrics. */
  template: string;
  to: Mailbox;
  subject: string;
  text: string;
  html: string;
}

interface MailerParts {
  from: Mailbox;
  /** null: mails go to the log. */
  smtp: SmtpTransport | null;
  /** Where mails can be looked at that go nowhere; in development only. */
  mailbox: DevMailbox | null;
  log: Log;
  metrics: Pick<Metrics, 'countMail'>;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * Sends mails, one recipient each. Nothing remembers them: send from a job, which is repeated when
 * it fails, and make what must be secret in there.
 */
export class Mailer {
  readonly mailbox: DevMailbox | null;
  readonly #parts: MailerParts;

  constructor(parts: MailerParts) {
    this.mailbox = parts.mailbox;
    this.#parts = parts;
  }

  /**
   * Sends one mail; done when the mail server has taken it. Without a mail server it goes to the log,
   * without its text, and in development to the mailbox page.
   * @throws MailError
   */
  async send({ template, to, subject, text, html }: Mail): Promise<void> {
    const { from, smtp, mailbox, log, metrics } = this.#parts;
    // The last gate: whatever let such an address in, no mail goes out to it.
    if (!isEmailAddress(to.address)) {
      metrics.countMail(template, 'failed');
      throw new MailError('the mail did not go out (the address has a form that is not allowed)');
    }
    const mail = { from, to: plain(to), subject: oneLine(subject), text, html };
    if (!smtp) {
      mailbox?.add(mail);
      metrics.countMail(template, 'logged');
      log.info({ template, to: to.address, subject: mail.subject }, 'mail, not sent: no SMTP_URL');
      return;
    }
    try {
      await smtp.send(mail);
      metrics.countMail(template, 'sent');
    } catch (error) {
      metrics.countMail(template, 'failed');
      throw error;
    }
  }

  close(): void {
    this.#parts.smtp?.close();
  }
}

function plain({ name, address }: Mailbox): Mailbox {
  return { name: name === null ? null : oneLine(name), address };
}

/** Header lines end with a line break: there is none within. */
function oneLine(text: string): string {
  return text.replace(CONTROL_CHARACTERS, ' ').trim();
}

/** The mailer that the configuration asks for. */
export function openMailer(
  { config, publicUrl, log }: { config: Config; publicUrl: string; log: Log },
  metrics: MailerParts['metrics'],
): Mailer {
  const isDevelopment = config.profile === 'development';
  const { smtpUrl, from } = config.mail;
  if (smtpUrl === null && !isDevelopment) {
    log.warn('SMTP_URL is not set: nobody gets mail, so lost passwords cannot be replaced');
  }
  return new Mailer({
    from: from ?? { name: 'Docket', address: `docket@${new URL(publicUrl).hostname}` },
    smtp:
      smtpUrl === null
        ? null
        : new SmtpTransport({
            url: smtpUrl,
            isTlsRequired: !isDevelopment && !isLocalSmtp(smtpUrl),
          }),
    mailbox: smtpUrl === null && isDevelopment ? new DevMailbox() : null,
    log,
    metrics,
  });
}
