import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../../test/harness/certificates.ts';
import { type MailServer, startMailServer } from '../../../test/harness/mail-server.ts';
import { isLocalSmtp, type OutgoingMail, SmtpTransport } from './smtp-transport.ts';

const directory = mkdtempSync(join(tmpdir(), 'docket-mail-'));
const account = { user: 'docket@example.org', password: 'p@ss/word:1' };
let certificates: Certificates;
let ca: string;
const open: { close(): unknown }[] = [];

beforeAll(() => {
  certificates = makeCertificates(directory);
  ca = readFileSync(certificates.root, 'utf8');
});
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function serverWith(options: Parameters<typeof startMailServer>[0] = {}) {
  const server = await startMailServer(options);
  open.push(server);
  return server;
}

function transportTo(
  server: MailServer,
  { user = account, scheme = 'smtp', isTlsRequired = true } = {},
) {
  const credentials = `${encodeURIComponent(user.user)}:${encodeURIComponent(user.password)}`;
  const transport = new SmtpTransport({
    url: `${scheme}://${credentials}@localhost:${server.port}`,
    isTlsRequired,
    ca,
  });
  open.push(transport);
  return transport;
}

const mail: OutgoingMail = {
  from: { name: 'Docket', address: 'docket@tasks.example.org' },
  to: { name: 'Ada, Countess of "Löve" <x@evil.example>', address: 'ada@example.org' },
  subject: 'Grüße & <confirm>',
  text: 'Open\nhttps://tasks.example.org/x#token=abc\n',
  html: '<p>Open <a href="https://tasks.example.org/x#token=abc">this</a></p>',
};

test('a mail arrives by STARTTLS after signing in, with both parts, for one recipient', async () => {
  const server = await serverWith({ certificates, account });
  await transportTo(server).send(mail);
  const [received] = server.received;
  expect(received).toMatchObject({ recipients: ['ada@example.org'], isOverTls: true });
  expect(received?.mail).toMatchObject({
    from: { name: 'Docket', address: 'docket@tasks.example.org' },
    to: [{ name: mail.to.name, address: 'ada@example.org' }],
    subject: mail.subject,
  });
  expect(received?.mail.text?.trim()).toBe(mail.text.trim());
  expect(received?.mail.html?.trim()).toBe(mail.html);
  expect(received?.mail.messageId).toMatch(/^<[0-9a-f-]{36}@tasks\.example\.org>$/);
  expect(received?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
});

test('smtps is TLS from the first byte on', async () => {
  const server = await serverWith({ certificates, account, isSecure: true });
  await transportTo(server, { scheme: 'smtps' }).send(mail);
  expect(server.received[0]?.isOverTls).toBe(true);
});

test('several mails go over one connection after another without signing in each time', async () => {
  const server = await serverWith({ certificates, account });
  const transport = transportTo(server);
  for (let count = 0; count < 3; count++) await transport.send(mail);
  expect([server.received.length, server.signIns]).toEqual([3, 1]);
});

test('a wrong password is an error without the password or what the server said', async () => {
  const server = await serverWith({ certificates, account });
  const user = { ...account, password: 'not the password' };
  const failure = await transportTo(server, { user })
    .send(mail)
    .catch((error: Error) => error);
  expect(failure).toMatchObject({ name: 'MailError' });
  expect(String(failure)).toMatch(/EAUTH 535/);
  expect(String(failure)).not.toMatch(/not the password|wrong password|example\.org/);
  expect(server.received).toEqual([]);
});

test('where TLS is required, a server without it sees neither password nor recipient', async () => {
  const server = await serverWith({ account });
  await expect(transportTo(server).send(mail)).rejects.toThrow('did not go out');
  expect([server.signIns, server.recipients]).toEqual([0, []]);
});

test('a certificate that nobody vouches for ends the connection', async () => {
  const server = await serverWith({ certificates, account });
  const transport = new SmtpTransport({
    url: `smtp://localhost:${server.port}`,
    isTlsRequired: true,
    ca: readFileSync(certificates.otherRoot, 'utf8'),
  });
  open.push(transport);
  await expect(transport.send(mail)).rejects.toThrow('did not go out');
  expect(server.recipients).toEqual([]);
});

test('a server that is not there is an error, and the next mail finds it again', async () => {
  const first = await startMailServer({ certificates, account });
  const transport = transportTo(first);
  await first.close();
  await expect(transport.send(mail)).rejects.toThrow(/did not go out \((ESOCKET|ECONNECTION)/);
  const second = await serverWith({ certificates, account, port: first.port });
  await transport.send(mail);
  expect(second.received).toHaveLength(1);
});

test('no text of a header begins another one', async () => {
  const server = await serverWith({ certificates, account });
  await transportTo(server).send({
    ...mail,
    to: { name: 'Ada\r\nBcc: eve@evil.example', address: 'ada@example.org' },
    subject: 'Hello\r\nBcc: eve@evil.example\r\n\r\nbody',
  });
  expect(server.recipients).toEqual(['ada@example.org']);
  expect(server.received[0]?.raw).not.toMatch(/^Bcc:/im);
});

test.each([
  ['smtp://localhost', true],
  ['smtp://127.0.0.1:2525', true],
  ['smtp://[::1]:2525', true],
  ['smtp://mail.example.org', false],
  ['smtp://127.evil.example', false],
  ['smtp://localhost.evil.example', false],
])('%s is on this machine: %s', (url, isLocal) => {
  expect(isLocalSmtp(url)).toBe(isLocal);
});
