import type { Permission } from './permissions.ts';

/** Where a request comes from, for sessions and the audit log. */
export interface Origin {
  readonly requestId: string;
  /** null: not known, or not an address. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A signed-in person, as the access token and the session's present state describe them. */
export interface SessionActor {
  kind: 'user';
  userId: string;
  sessionId: string;
  /** When the password was last given in this session, in seconds since the epoch. */
  authenticatedAtSeconds: number;
  permissions: ReadonlySet<Permission>;
  origin: Origin;
}

/** A program that acts for a person with a token of theirs. */
export interface ApiTokenActor {
  kind: 'api_token';
  userId: string;
  apiTokenId: string;
  /** What the token is for, as far as its owner may do that at present. */
  permissions: ReadonlySet<Permission>;
  origin: Origin;
}

/** Somebody for whom another front end vouches with a token of its own. */
export interface ForeignActor {
  kind: 'foreign';
  userId: string;
  /** What that front end calls them. */
  subject: string;
  /** Those of their roles that concern their own affairs; never what administrators may do. */
  permissions: ReadonlySet<Permission>;
  origin: Origin;
}

/** Somebody with an account, in person, by a program or by another front end. */
export type UserActor = SessionActor | ApiTokenActor | ForeignActor;

/** Somebody who has not (yet) shown who they are. */
export interface AnonymousActor {
  kind: 'anonymous';
  origin: Origin;
}

/** Whoever has the command line: may do everything. */
export interface OperatorActor {
  kind: 'operator';
}

/** Docket itself, in a background job. */
interface SystemActor {
  kind: 'system';
}

/** Who acts; no act is without one. */
export type Actor = UserActor | AnonymousActor | OperatorActor | SystemActor;

export const OPERATOR: OperatorActor = { kind: 'operator' };
export const SYSTEM: SystemActor = { kind: 'system' };
