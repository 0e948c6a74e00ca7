import { createTransport } from 'nodemailer';

export interface Mailbox {
  name: string | null;
  address: string;
}

/** A mail whose addresses have been checked. */
export interface OutgoingMail {
  from: Mailbox;
  to: Mailbox;
  subject: string;
  text: string;
  html: string;
}

interface SmtpOptions {
  /** `smtp:` or `smtps:`, with user and password where the server asks for them. */
  url: string;
  /** Give up rather than send without TLS. */
  isTlsRequired: boolean;
  /** Authorities to trust instead of the usual ones. */
  ca?: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 3;
/** Tells other machines not to answer, least of all "I am on holiday" (RFC 3834). */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/** A mail that did not go out. Its message holds no address and nothing that the server said. */
export class MailError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MailError';
  }
}

/** Hands mails to an SMTP server, over connections that are kept for the next ones. */
export class SmtpTransport {
  readonly #transport: ReturnType<typeof open>;

  constructor(options: SmtpOptions) {
    this.#transport = open(options);
  }

  /** Hands over one mail; done when the server has taken it. @throws MailError */
  async send(mail: OutgoingMail): Promise<void> {
    const { from, to, subject, text, html } = mail;
    try {
      await this.#transport.sendMail({
        // Objects are taken as they are; a text would be read as a list of addresses.
        from: mailboxOf(from),
        to: mailboxOf(to),
        envelope: { from: from.address, to: [to.address] },
        subject,
        text,
        html,
        headers: HEADERS,
        messageId: `<${crypto.randomUUID()}@${from.address.split('@')[1]}>`,
      });
    } catch (error) {
      throw new MailError(sentenceOf(error));
    }
  }

  /** Ends the connections, and with them what still waits. */
  close(): void {
    this.#transport.close();
  }
}

/** Whether the host of an SMTP URL is this machine, where nobody listens in between. */
export function isLocalSmtp(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.+)\]$/, '$1');
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function open({ url, isTlsRequired, ca }: SmtpOptions) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const servername = searchParams.get('tls.servername');
  return createTransport({
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    // The job is repeated with pauses; the pool need not insist.
    maxRequeues: 0,
    host: hostname.replace(/^\[(.+)\]$/, '$1'),
    secure: protocol === 'smtps:',
    requireTLS: isTlsRequired,
    ...(port && { port: Number(port) }),
    ...(username && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    tls: {
      rejectUnauthorized: searchParams.get('tls.rejectUnauthorized') !== 'false',
      ...(servername && { servername }),
      ...(ca && { ca }),
    },
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // A mail is made of what it is given here, and of no file or page named in it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function mailboxOf({ name, address }: Mailbox) {
  return { name: name ?? '', address };
}

/** What went wrong, in codes alone: the server's own words may repeat the address. */
function sentenceOf(error: unknown): string {
  const { code, responseCode, command } = error as Record<string, unknown>;
  const parts = [code, responseCode, typeof command === 'string' && `at ${command}`];
  const known = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
  return `the mail did not go out (${known.join(' ') || 'unknown reason'})`;
}
