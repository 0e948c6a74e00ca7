import { hash } from 'node:crypto';
import type { BucketRule } from './bucket.ts';
import type { TokenBuckets } from './token-buckets.ts';

/**
 * Counts mails to one recipient, whoever asks for them and whether or not there is an account; and
 * those that one person has sent to others.
 */
export class MailLimit {
  readonly #buckets: TokenBuckets;
  readonly #rule: BucketRule | null;

  /** @param rule null: mails are not limited */
  constructor(buckets: TokenBuckets, rule: BucketRule | null) {
    this.#buckets = buckets;
    this.#rule = rule;
  }

  /**
   * Takes one mail from the bucket of a recipient (a canonical address) or of a person (an id);
   * false: there is none left, so send nothing, and answer as if it had been sent.
   * @throws DatabaseUnavailable
   */
  async takeMail(of: string): Promise<boolean> {
    if (!this.#rule) return true;
    const key = hash('sha256', of, 'base64');
    return (await this.#buckets.take(this.#rule, key)).isAllowed;
  }
}
