import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Rate } from '../config/parsers.ts';
import { AppError } from '../errors.ts';
import type {
  BucketRule,
  Decision,
  MemoryTokenBuckets,
} from '../platform/rate-limit/memory-token-bucket.ts';
import { addressKey } from './client-address.ts';

/** Which bucket a route's requests draw from: the address's, the sign-in bucket of the address, or none. */
export type RateLimitRule = 'default' | 'sign-in' | 'none';

interface Policy extends BucketRule {
  header: string;
}

/** Counts requests against the configured rates. Exactly one bucket pays for each request. */
export class RequestLimits {
  readonly #buckets: MemoryTokenBuckets;
  readonly #perAddress: Policy | null;
  readonly #perAddressSignIn: Policy | null;
  readonly #perAccount: Policy | null;
  readonly #perUser: Policy | null;

  constructor(rates: Config['rateLimits'], buckets: MemoryTokenBuckets) {
    this.#buckets = buckets;
    this.#perAddress = policyOf('address', rates.perAddress);
    this.#perAddressSignIn = policyOf('sign-in', rates.perAddressSignIn);
    this.#perAccount = policyOf('account', rates.perAddressSignIn);
    this.#perUser = policyOf('user', rates.perUser);
  }

  /**
   * Counts a request without a valid token.
   * @throws rate.limited
   */
  countAddress(rule: RateLimitRule, request: FastifyRequest, reply: FastifyReply): void {
    if (rule === 'none') return;
    const policy = rule === 'sign-in' ? this.#perAddressSignIn : this.#perAddress;
    if (policy) this.#count(policy, addressKey(request.ip), reply);
  }

  /**
   * Counts a request of a signed-in user.
   * @throws rate.limited
   */
  countUser(userId: string, reply: FastifyReply): void {
    if (this.#perUser) this.#count(this.#perUser, userId, reply);
  }

  /**
   * Counts an attempt to sign in to one account, wherever it comes from and whether or not there is
   * such an account; on top of what the address pays.
   * @throws rate.limited
   */
  countAccount(canonicalEmail: string, reply: FastifyReply): void {
    if (!this.#perAccount) return;
    const key = hash('sha256', canonicalEmail, 'base64');
    const decision = this.#buckets.take(this.#perAccount, key);
    if (!decision.isAllowed) this.#answer(this.#perAccount, decision, reply);
  }

  #count(policy: Policy, key: string, reply: FastifyReply): void {
    this.#answer(policy, this.#buckets.take(policy, key), reply);
  }

  #answer(policy: Policy, decision: Decision, reply: FastifyReply): void {
    reply.header('ratelimit-policy', policy.header);
    reply.header(
      'ratelimit',
      `"${policy.name}";r=${decision.remaining};t=${decision.resetSeconds}`,
    );
    if (!decision.isAllowed) {
      throw new AppError('rate.limited', { retryAfterSeconds: decision.resetSeconds });
    }
  }
}

function policyOf(name: string, rate: Rate | null): Policy | null {
  if (rate === null) return null;
  return { name, rate, header: `"${name}";q=${rate.count};w=${rate.periodSeconds}` };
}
