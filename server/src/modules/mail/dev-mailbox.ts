import type { OutgoingMail } from '../../platform/mail/smtp-transport.ts';

/** A mail that went nowhere. */
export interface KeptMail extends OutgoingMail {
  id: number;
  sentAt: string;
}

const MAX_KEPT = 100;

/** The mails of a server in development, in memory, newest first. */
export class DevMailbox {
  #mails: KeptMail[] = [];
  #lastId = 0;

  add(mail: OutgoingMail): void {
    const kept = { ...mail, id: ++this.#lastId, sentAt: new Date().toISOString() };
    this.#mails = [kept, ...this.#mails].slice(0, MAX_KEPT);
  }

  list(): readonly KeptMail[] {
    return this.#mails;
  }

  find(id: number): KeptMail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }
}
