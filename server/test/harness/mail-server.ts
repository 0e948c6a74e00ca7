import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Certificates } from './certificates.ts';
import { until } from './until.ts';

/** What a mail server was handed. */
export interface ReceivedMail {
  recipients: string[];
  isOverTls: boolean;
  raw: string;
  mail: Email;
}

export interface MailServer {
  port: number;
  received: ReceivedMail[];
  /** Every address that a `RCPT TO` has named, whether or not a mail followed. */
  recipients: string[];
  /** How often somebody tried to sign in. */
  signIns: number;
  /** The first mail to an address, as soon as there is one. */
  mailTo(address: string, timeoutMs?: number): Promise<ReceivedMail>;
  close(): Promise<void>;
}

interface MailServerOptions {
  /** Without it there is no TLS. */
  certificates?: Certificates;
  /** Asked for before any mail is taken. */
  account?: { user: string; password: string };
  /** TLS from the first byte on. */
  isSecure?: boolean;
  port?: number;
  /** May refuse a mail by throwing; what it throws is answered. */
  onMail?: () => void;
}

/** Starts a real mail server on loopback that keeps what it gets. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const state = { received: [] as ReceivedMail[], recipients: [] as string[], signIns: 0 };
  const server = new SMTPServer({
    ...tlsOptions(options),
    // A client that keeps its connection must not hold up the end.
    closeTimeout: 500,
    authOptional: !options.account,
    disabledCommands: [
      ...(options.account ? [] : ['AUTH']),
      ...(options.certificates ? [] : ['STARTTLS']),
    ],
    onAuth(auth, _session, callback) {
      state.signIns += 1;
      const { user, password } = options.account ?? {};
      if (auth.username === user && auth.password === password) callback(null, { user: 'docket' });
      else callback(new Error('wrong password'));
    },
    onRcptTo({ address }, _session, callback) {
      state.recipients.push(address);
      callback();
    },
    onData(stream, session, callback) {
      readAll(stream)
        .then(async (raw) => {
          options.onMail?.();
          state.received.push({
            recipients: session.envelope.rcptTo.map(({ address }) => address),
            isOverTls: session.secure,
            raw,
            mail: await PostalMime.parse(raw),
          });
          callback();
        })
        .catch(callback);
    },
  });
  server.on('error', () => undefined);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    received: state.received,
    recipients: state.recipients,
    get signIns() {
      return state.signIns;
    },
    async mailTo(address, timeoutMs = 10_000) {
      const find = () => state.received.find(({ recipients }) => recipients.includes(address));
      await until(() => find() !== undefined, timeoutMs);
      return find() as ReceivedMail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function tlsOptions({ certificates, isSecure = false }: MailServerOptions): SMTPServerOptions {
  if (!certificates) return {};
  return {
    secure: isSecure,
    cert: readFileSync(certificates.certificate),
    key: readFileSync(certificates.key),
  };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
