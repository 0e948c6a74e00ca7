import { beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, useTestApp } from '../../../test/harness/app.ts';
import { renderMail } from './mail.service.ts';

const t = useTestApp();
const HERE = { host: 'localhost:3000' };

beforeAll(async () => {
  const { text, html } = renderMail({
    title: 'Confirm <your> address',
    paragraphs: ['Hello "Ada" <script>alert(1)</script> & others.'],
    action: { label: 'Confirm', url: 'https://tasks.example.org/verify?a=1&b=2#token=abc' },
    closing: ['You did not ask for this? Ignore it.'],
  });
  const to = { name: '<b>Ada</b>', address: 'ada@example.org' };
  await t.ctx.mailer.send({ template: 'x', to, subject: 'Confirm <it>', text, html });
});

async function get(
  url: string,
  headers: Record<string, string> = HERE,
  remoteAddress = '127.0.0.1',
) {
  return t.call('GET', url, { headers, remoteAddress });
}

describe('the mailbox', () => {
  it('lists mails and shows one, with links to click and nothing of it as markup', async () => {
    const list = await get('/dev/mailbox');
    expect([list.statusCode, list.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(list.body).toContain('<a href="/dev/mailbox/1">Confirm &#60;it&#62;</a>');
    const mail = await get('/dev/mailbox/1');
    expect(mail.body).toContain(
      '<a href="https://tasks.example.org/verify?a=1&#38;b=2#token=abc">',
    );
    expect(mail.body).not.toMatch(/<script|<b>Ada/);
    expect(mail.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
  });

  it('shows the HTML of a mail in a frame that runs nothing', async () => {
    const html = await get('/dev/mailbox/1/html');
    expect(html.headers['content-security-policy']).toMatch(
      /^sandbox allow-top-navigation-by-user/,
    );
    expect(html.headers['content-security-policy']).not.toContain('allow-scripts');
    expect(html.body).toContain('<base target="_top">');
    expect(html.body).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
  });

  it.each([
    ['another host', { host: 'tasks.example.org' }, '127.0.0.1'],
    ['a name that only begins like this machine', { host: 'localhost.evil.example' }, '127.0.0.1'],
    ['a proxy that says so', { ...HERE, 'x-forwarded-for': '10.0.0.1' }, '127.0.0.1'],
    ['a proxy that says so by the standard', { ...HERE, forwarded: 'for=10.0.0.1' }, '127.0.0.1'],
    ['another machine', HERE, '10.0.0.1'],
  ])('does not exist for %s', async (_name, headers, remoteAddress) => {
    for (const url of ['/dev/mailbox', '/dev/mailbox/1', '/dev/mailbox/1/html']) {
      const answer = await get(url, headers, remoteAddress);
      expect([answer.statusCode, answer.body.includes('ada@')]).toEqual([404, false]);
    }
  });

  it.each(['/dev/mailbox/2', '/dev/mailbox/x', '/dev/mailbox/-1/html'])(
    'has nothing at %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(404);
    },
  );

  it('does not exist where mails are sent, and is no part of the API', async () => {
    const other = await startTestApp({ SMTP_URL: 'smtp://127.0.0.1:1' });
    expect((await other.call('GET', '/dev/mailbox', { headers: HERE })).statusCode).toBe(404);
    await other.close();
    expect((await get('/api/openapi.json')).body).not.toContain('/dev/mailbox');
  });
});

describe('a mail', () => {
  it('says the same as text and as HTML, with the whole address of its action in both', () => {
    const { text, html } = renderMail({
      title: 'T',
      paragraphs: ['one', 'two'],
      action: { label: 'Go', url: 'https://x.example/#token=1' },
      closing: ['end'],
    });
    expect(text).toBe('T\n\none\n\ntwo\n\nGo:\nhttps://x.example/#token=1\n\nend\n');
    expect(html.match(/https:\/\/x\.example\/#token=1/g)).toHaveLength(3);
    expect(html).not.toMatch(/src=|url\(|<link/);
  });
});
