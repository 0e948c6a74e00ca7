import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { runJob } from '../../src/jobs.ts';
import { startTestApp, type TestApp } from './app.ts';
import { type MailServer, type ReceivedMail, startMailServer } from './mail-server.ts';

/** A server whose mails arrive at a real mail server. */
export interface MailedApp extends TestApp {
  mailServer: MailServer;
  /** Does the waiting jobs that mail, and answers what has arrived by them. */
  deliver(): Promise<ReceivedMail[]>;
  /** Delivers, and answers the token of the newest link of a page that was mailed to an address. */
  tokenFor(address: string, page: string): Promise<string>;
}

/** Starts both; closing the server closes the mail server as well. */
export async function startMailedApp(
  settings: Record<string, string> = {},
  parts: Parameters<typeof startTestApp>[1] = {},
): Promise<MailedApp> {
  const mailServer = await startMailServer();
  const url = `smtp://127.0.0.1:${mailServer.port}`;
  const t = await startTestApp({ SMTP_URL: url, RATE_LIMIT_MAIL: 'off', ...settings }, parts);
  const deliver = async () => {
    const before = mailServer.received.length;
    const { rows } = await t.owner.query(
      `DELETE FROM jobs.job WHERE name LIKE 'mail.%' AND state = 'created' RETURNING name, data, created_on`,
    );
    rows.sort((a, b) => a.created_on - b.created_on);
    for (const { name, data } of rows) await runJob(t.ctx, name, data);
    return mailServer.received.slice(before);
  };
  return {
    ...t,
    mailServer,
    deliver,
    async tokenFor(address, page) {
      await deliver();
      const token = tokenIn(mailServer.received.filter(isTo(address)), page);
      if (token === undefined) throw new Error(`no link to ${page} was mailed`);
      return token;
    },
    async close() {
      await t.close();
      await mailServer.close();
    },
  };
}

/** The same for all tests of a file. */
export function useMailedApp(settings?: Record<string, string>): MailedApp {
  const holder = {} as MailedApp;
  beforeAll(async () => {
    Object.assign(holder, await startMailedApp(settings));
  });
  afterAll(() => holder.close?.());
  return holder;
}

/** What every link of a page looks like; the token stands in the fragment. */
function tokenIn(mails: ReceivedMail[], page: string): string | undefined {
  const link = new RegExp(`/${page}#([\\w-]{43})\\b`);
  return mails
    .map(({ mail }) => link.exec(mail.text ?? '')?.[1])
    .filter((token) => token !== undefined)
    .at(-1);
}

export function isTo(address: string) {
  return ({ recipients }: ReceivedMail) => recipients.includes(address);
}

/** Status and code of an answer, to compare several at once. */
export function outcomeOf(answer: LightMyRequestResponse): string {
  return answer.statusCode < 400
    ? String(answer.statusCode)
    : `${answer.statusCode} ${answer.json().code}`;
}
