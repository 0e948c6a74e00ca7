import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Rate } from '../config/parsers.ts';
import { AppError } from '../errors.ts';
import {
  type BucketKind,
  type BucketRule,
  bucketRule,
  type Decision,
} from '../platform/rate-limit/bucket.ts';
import type { TokenBuckets } from '../platform/rate-limit/token-buckets.ts';
import { addressKey } from './client-address.ts';

/** Which bucket a route's requests draw from: the address's, the sign-in bucket of the address, or none. */
export type RateLimitRule = 'default' | 'sign-in' | 'none';

interface Policy {
  bucket: BucketRule;
  header: string;
}

/**
 * Counts requests against the configured rates. Exactly one bucket pays for each request. What this
 * process decides from memory is decided at once; a promise comes back only where others are asked.
 */
export class RequestLimits {
  readonly #buckets: TokenBuckets;
  readonly #perAddress: Policy | null;
  readonly #perAddressSignIn: Policy | null;
  readonly #perAccount: Policy | null;
  readonly #perUser: Policy | null;

  constructor(rates: Config['rateLimits'], buckets: TokenBuckets) {
    this.#buckets = buckets;
    this.#perAddress = policyOf('address', 'local', rates.perAddress);
    this.#perAddressSignIn = policyOf('sign-in', 'shared', rates.perAddressSignIn);
    this.#perAccount = policyOf('account', 'shared', rates.perAddressSignIn);
    this.#perUser = policyOf('user', 'local', rates.perUser);
  }

  /**
   * Counts a request without a valid token.
   * @throws rate.limited, database.unavailable
   */
  countAddress(
    rule: RateLimitRule,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void | Promise<void> {
    if (rule === 'none') return;
    const policy = rule === 'sign-in' ? this.#perAddressSignIn : this.#perAddress;
    if (policy) return this.#count(policy, addressKey(request.ip), reply);
  }

  /**
   * Counts a request of a signed-in user.
   * @throws rate.limited
   */
  countUser(userId: string, reply: FastifyReply): void | Promise<void> {
    if (this.#perUser) return this.#count(this.#perUser, userId, reply);
  }

  /**
   * Counts an attempt to sign in to one account, wherever it comes from and whether or not there is
   * such an account; on top of what the address pays.
   * @throws rate.limited, database.unavailable
   */
  async countAccount(canonicalEmail: string, reply: FastifyReply): Promise<void> {
    if (!this.#perAccount) return;
    const key = hash('sha256', canonicalEmail, 'base64');
    const decision = await this.#buckets.take(this.#perAccount.bucket, key);
    if (!decision.isAllowed) answer(this.#perAccount, decision, reply);
  }

  #count(policy: Policy, key: string, reply: FastifyReply): void | Promise<void> {
    const decision = this.#buckets.take(policy.bucket, key);
    if (!(decision instanceof Promise)) return answer(policy, decision, reply);
    return decision.then((decided) => answer(policy, decided, reply));
  }
}

function answer({ bucket, header }: Policy, decision: Decision, reply: FastifyReply): void {
  const { isAllowed, remaining, resetSeconds } = decision;
  reply.header('ratelimit-policy', header);
  reply.header('ratelimit', `"${bucket.name}";r=${remaining};t=${resetSeconds}`);
  if (!isAllowed) throw new AppError('rate.limited', { retryAfterSeconds: resetSeconds });
}

function policyOf(name: string, kind: BucketKind, rate: Rate | null): Policy | null {
  if (rate === null) return null;
  const header = `"${name}";q=${rate.count};w=${rate.periodSeconds}`;
  return { bucket: bucketRule(name, kind, rate), header };
}
