/** A signed-in person, as the access token and the session's present state describe them. */
export interface UserActor {
  kind: 'user';
  userId: string;
  sessionId: string;
  /** When the password was last given in this session, in seconds since the epoch. */
  authenticatedAtSeconds: number;
}
