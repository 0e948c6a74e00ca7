import { createHash } from 'node:crypto';
import { escapeHtml } from '../../platform/html.ts';
import type { KeptMail } from './dev-mailbox.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c1f26; --soft: #596070; --line: #d9dde5; --link: #0b664a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181d; --text: #e7e9ee; --soft: #a9afbc; --line: #343943; --link: #6cd5ad; }
}
body { margin: 0 auto; max-width: 52rem; padding: 2rem 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: var(--link); }
ul { list-style: none; margin: 0; padding: 0; }
li { border-bottom: 1px solid var(--line); padding: .75rem 0; overflow-wrap: anywhere; }
p, dl { margin: 0 0 1rem; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .875rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; font: .9rem/1.5 ui-monospace, monospace; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); }`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** What the page itself may do: its own style, and the mail in a frame. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** What a mail may do: look like something, and lead elsewhere when it is clicked. */
export const MAIL_POLICY =
  "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";

/** All mails, newest first. */
export function listPage(mails: readonly KeptMail[]): string {
  const items = mails.map(
    ({ id, subject, to, sentAt }) =>
      `<li><a href="/dev/mailbox/${id}">${escapeHtml(subject)}</a><br><span class="soft">${escapeHtml(to.address)} · <time>${sentAt}</time></span></li>`,
  );
  const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '<p>No mail yet.</p>';
  return page(
    'Mailbox',
    `<h1>Mailbox</h1><p class="soft">Mails of this server since its start. None of them was sent: SMTP_URL is not set.</p>${list}`,
  );
}

/** One mail: its addresses, its text with links to click, and how it looks. */
export function mailPage({ id, subject, from, to, sentAt, text }: KeptMail): string {
  return page(
    subject,
    `<p><a href="/dev/mailbox">All mails</a></p><h1>${escapeHtml(subject)}</h1>
<dl><dt>From</dt><dd>${mailboxText(from)}</dd><dt>To</dt><dd>${mailboxText(to)}</dd><dt>Sent</dt><dd><time>${sentAt}</time></dd></dl>
<h2>Text</h2><pre>${withLinks(text)}</pre>
<h2>HTML</h2><iframe title="The mail as HTML" sandbox="allow-top-navigation-by-user-activation" src="/dev/mailbox/${id}/html"></iframe>`,
  );
}

/** The HTML of a mail, whose links leave the frame. */
export function framedHtml({ html }: KeptMail): string {
  return html.replace('<head>', '<head><base target="_top">');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>`;
}

function mailboxText({ name, address }: KeptMail['to']): string {
  return escapeHtml(name === null ? address : `${name} <${address}>`);
}

function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, index) =>
      index % 2 === 1 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part),
    )
    .join('');
}
