import { escapeHtml } from '../../platform/html.ts';

export interface MailContent {
  title: string;
  /** Plain text; everything in it is escaped. */
  paragraphs: string[];
  /** The one thing to do. */
  action?: { label: string; url: string };
  /** What follows the action, in small print. */
  closing?: string[];
}

/** Colours with a contrast of at least 4.5 on their ground, in the light and in the dark. */
const STYLE = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page { background: #16181d !important; }
    .text { color: #e7e9ee !important; }
    .small { color: #a9afbc !important; }
    .button { background: #6cd5ad !important; color: #071a13 !important; }
    .link { color: #6cd5ad !important; }
  }`;
const FONT = "font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;";
const TEXT = `${FONT} font-size: 16px; line-height: 24px; color: #1c1f26; margin: 0 0 16px;`;
const SMALL = `${FONT} font-size: 13px; line-height: 20px; color: #596070; margin: 0 0 12px;`;
const BUTTON = `${FONT} font-size: 16px; line-height: 24px; font-weight: 600; display: inline-block; padding: 10px 20px; border-radius: 8px; background: #0b664a; color: #ffffff; text-decoration: none;`;

/** Writes a mail, as text and as HTML that says the same. */
export function renderMail(content: MailContent): { text: string; html: string } {
  return { text: textOf(content), html: htmlOf(content) };
}

function textOf({ title, paragraphs, action, closing = [] }: MailContent): string {
  const parts = [
    title,
    ...paragraphs,
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...closing,
  ];
  return `${parts.join('\n\n')}\n`;
}

function htmlOf({ title, paragraphs, action, closing = [] }: MailContent): string {
  const heading = `<h1 class="text" style="${TEXT} font-size: 20px; line-height: 28px;">${escapeHtml(title)}</h1>`;
  const body = paragraphs.map((text) => `<p class="text" style="${TEXT}">${escapeHtml(text)}</p>`);
  const small = closing.map((text) => `<p class="small" style="${SMALL}">${escapeHtml(text)}</p>`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    '<body class="page" style="margin: 0; padding: 0; background: #ffffff;">',
    '<div class="page" style="max-width: 560px; margin: 0 auto; padding: 32px 24px; background: #ffffff;">',
    heading,
    ...body,
    ...(action ? actionOf(action) : []),
    ...small,
    '</div></body></html>',
  ].join('\n');
}

/** The address stands there in full as well, for those whose mail program does not open links. */
function actionOf({ label, url }: { label: string; url: string }): string[] {
  const address = escapeHtml(url);
  return [
    `<p style="margin: 24px 0;"><a class="button" href="${address}" style="${BUTTON}">${escapeHtml(label)}</a></p>`,
    `<p class="small" style="${SMALL}">If the button does not work, open this address:<br>`,
    `<a class="link" href="${address}" style="color: #0b664a; word-break: break-all;">${address}</a></p>`,
  ];
}
