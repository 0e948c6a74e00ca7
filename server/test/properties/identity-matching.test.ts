import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Match,
  type MatchedAccount,
  matchIdentity,
  type Situation,
} from '../../src/modules/identities/match-identity.policy.ts';

const RUNS = 20_000;
const ADDRESSES = ['ada@example.org', 'eve@example.org'];
/** As providers write them: of one person's address in other letters, of nobody, or none at all. */
const WRITTEN = [
  ...ADDRESSES,
  'ADA@Example.ORG',
  'not an address',
  'a@x.com,eve@example.org',
  '',
  null,
];

const REAL = 'https://accounts.google.com';
const ISSUERS = [REAL, REAL, REAL, 'https://foreign:443', 'foreign:', 'foreign:x'];

const anAccount = (id: string, canonicalEmail: fc.Arbitrary<string | null>) =>
  fc.record({
    id: fc.constant(id),
    canonicalEmail,
    status: fc.constantFrom('unverified', 'active', 'disabled'),
    isEmailVerified: fc.boolean(),
    isDeleted: fc.boolean(),
    isPrivileged: fc.boolean(),
  }) satisfies fc.Arbitrary<MatchedAccount>;

const someAddress = fc.constantFrom(...ADDRESSES, null);
const owner = anAccount('owner', someAddress);
const session = anAccount('session', someAddress);

/** As the database answers: a namesake has the address, and the session may be the owner's. */
const situation: fc.Arbitrary<Situation> = fc
  .record({
    identity: fc.record({
      issuer: fc.constantFrom(...ISSUERS),
      email: fc.constantFrom(...WRITTEN),
      isEmailProven: fc.boolean(),
    }),
    owner: fc.option(owner, { freq: 2 }),
    session: fc.option(session, { freq: 2 }),
    isOwn: fc.boolean(),
    settings: fc.record({
      registration: fc.constantFrom('open', 'uniform', 'closed'),
      isVerifiedEmailRequired: fc.boolean(),
    }),
  })
  .chain(({ isOwn, ...it }) => {
    const address = it.identity.email?.toLowerCase() ?? '';
    const namesake = ADDRESSES.includes(address)
      ? fc.option(anAccount('namesake', fc.constant(address)))
      : fc.constant(null);
    return namesake.map((found) => ({
      ...it,
      namesake: found,
      owner: isOwn && it.session ? it.session : it.owner,
    }));
  });

/** Every situation whose match is one of the kinds holds to the rule. */
function holds(kinds: Match['kind'][] | null, rule: (it: Situation, match: Match) => boolean) {
  let count = 0;
  fc.assert(
    fc.property(situation, (it) => {
      const match = matchIdentity(it);
      if (kinds && !kinds.includes(match.kind)) return;
      count += 1;
      expect(rule(it, match), JSON.stringify(match)).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(count).toBeGreaterThan(20);
}

const OPENS = ['sign_in', 'link_and_sign_in', 'take_over', 'create'] as const;
const CHANGES = [...OPENS, 'link'] as const;

/** Whose account a match opens or changes. */
function accountOf({ owner, namesake, session }: Situation, match: Match): MatchedAccount | null {
  const id = 'userId' in match ? match.userId : null;
  return [owner, namesake, session].find((account) => account?.id === id) ?? null;
}

const isSameProven = ({ identity }: Situation, account: MatchedAccount | null) =>
  account !== null &&
  identity.isEmailProven === true &&
  identity.email !== null &&
  identity.email.toLowerCase() === account.canonicalEmail;

test('a session is only ever on the account of the identity, a new one, a proven namesake, or one taken over', () => {
  holds([...OPENS], (it, match) => {
    const account = accountOf(it, match);
    switch (match.kind) {
      case 'create':
        return it.owner === null && it.namesake === null;
      case 'sign_in':
        return account !== null && account === it.owner;
      case 'link_and_sign_in':
        return isSameProven(it, account) && account?.isEmailVerified === true;
      default:
        return (
          isSameProven(it, account) && !(account?.isEmailVerified && account.status === 'active')
        );
    }
  });
});

test('an account that is deleted or disabled is neither opened nor changed, and no identity comes to it', () => {
  holds([...CHANGES], (it, match) => {
    const account = accountOf(it, match);
    return account === null || (!account.isDeleted && account.status !== 'disabled');
  });
});

test('whose identity belongs to a deleted or disabled account gets in nowhere', () => {
  holds(null, (it, match) => {
    if (!it.owner || !(it.owner.isDeleted || it.owner.status === 'disabled')) return true;
    return match.kind === 'refuse';
  });
});

test('nobody comes into an account that may administer by its address', () => {
  holds(
    ['link_and_sign_in', 'take_over'],
    (it, match) => accountOf(it, match)?.isPrivileged === false,
  );
});

test('an address that is not proven opens no account that was there, and makes none verified', () => {
  holds(null, (it, match) => {
    if (it.identity.isEmailProven) return true;
    if (match.kind === 'create') return !match.isVerified;
    if (match.kind === 'sign_in' || match.kind === 'link') return !match.isVerifying;
    return match.kind !== 'link_and_sign_in' && match.kind !== 'take_over';
  });
});

test('what marks an address as verified has proven exactly that address', () => {
  holds(['sign_in', 'link'], (it, match) => {
    if (!('isVerifying' in match) || !match.isVerifying) return true;
    const account = accountOf(it, match);
    return isSameProven(it, account) && account?.isEmailVerified === false;
  });
});

test('where a verified address is required nobody is signed in without one that is or becomes verified', () => {
  holds([...OPENS], (it, match) => {
    if (!it.settings.isVerifiedEmailRequired) return true;
    if (match.kind === 'create')
      return !match.isSignedIn || (match.email !== null && match.isVerified);
    if (match.kind === 'sign_in')
      return match.isVerifying || accountOf(it, match)?.status === 'active';
    return true;
  });
});

test('nobody gets an account where registration is closed', () => {
  holds(['create'], (it) => it.settings.registration !== 'closed');
});

test('connecting never moves an identity from another account, and signs nobody in', () => {
  holds(null, (it, match) => {
    if (!it.session) return !['link', 'already_linked', 'taken'].includes(match.kind);
    if (match.kind === 'link') return it.owner === null && match.userId === it.session.id;
    if (match.kind === 'already_linked') return it.owner?.id === it.session.id;
    if (match.kind === 'taken')
      return match.ownerId === it.owner?.id && it.owner.id !== it.session.id;
    return match.kind === 'refuse';
  });
});

test('a new account has the address that the provider tells, if mail can be sent to it, or none', () => {
  holds(['create'], (it, match) => {
    if (match.kind !== 'create') return false;
    const isAddress = ADDRESSES.includes(it.identity.email?.toLowerCase() ?? '');
    return match.email === (isAddress ? it.identity.email : null);
  });
});

test('no identity is taken whose issuer passes for another front end', () => {
  holds(null, (it, match) => {
    if (!/^foreign:/.test(it.identity.issuer)) return true;
    return match.kind === 'refuse' && match.code === 'provider.answer_invalid';
  });
});

test('where nothing stands against it, somebody does get in', () => {
  holds(null, (it, match) => {
    const isUsable = (account: MatchedAccount | null) =>
      account !== null && !account.isDeleted && account.status === 'active';
    if (it.session || it.identity.issuer.startsWith('foreign:')) return true;
    if (it.owner) return !isUsable(it.owner) || match.kind === 'sign_in';
    if (it.namesake) {
      const isOpen = isUsable(it.namesake) && isSameProven(it, it.namesake);
      return !isOpen || it.namesake.isPrivileged || match.kind !== 'refuse';
    }
    const isOpen = it.settings.registration !== 'closed' && !it.settings.isVerifiedEmailRequired;
    return !isOpen || match.kind === 'create';
  });
});
