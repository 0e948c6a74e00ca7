import { expect } from '@playwright/test';

/**
 * The link to `page` in the newest mail to an address, as soon as there is one besides `earlier`. It is read
 * where people read it who try Docket on their own machine: in its mailbox page.
 */
export async function mailedLink(
  server: string,
  address: string,
  page: string,
  earlier?: string,
): Promise<string> {
  let found: string | undefined;
  const look = async () => {
    found = await newestLink(server, address, page);
    return found !== undefined && found !== earlier;
  };
  await expect.poll(look, { message: `a mail to ${address} with a link to /${page}` }).toBe(true);
  return found ?? '';
}

async function newestLink(
  server: string,
  address: string,
  page: string,
): Promise<string | undefined> {
  const list = await read(`${server}/dev/mailbox`);
  for (const item of list.split('<li>').slice(1)) {
    const id = /mailbox\/(\d+)/.exec(item)?.[1];
    if (!item.includes(`${address} ·`) || !id) continue;
    const mail = await read(`${server}/dev/mailbox/${id}`);
    const link = new RegExp(`href="(${server}/${page}#[\\w-]+)"`).exec(mail)?.[1];
    if (link) return link;
  }
  return undefined;
}

async function read(address: string): Promise<string> {
  const response = await fetch(address, { headers: { accept: 'text/html' } });
  return response.text();
}
