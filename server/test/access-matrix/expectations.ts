import { randomUUID } from 'node:crypto';
import type { Permission } from '../../src/auth/permissions.ts';
import { TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';

/** Somebody with things of their own, and what administrators look after. */
export interface Owner extends TestUser {
  apiTokenId: string;
  identityId: string;
  /** Somebody else's account, and one that is deleted. */
  otherId: string;
  deletedId: string;
  /** A merge that can be undone. */
  mergeId: string;
  /** A role that nobody has. */
  roleName: string;
}

/** Who an operation is for, and how it is called so that it succeeds. */
export interface Expectation {
  /**
   * `public`: everybody. `self`: whoever is signed in, about their own things. `owned`: the owner of
   * the thing whose id stands in the path; for everybody else it does not exist. `administration`:
   * whoever holds the permission that the description names; the others learn nothing but 403.
   */
  access: 'public' | 'self' | 'owned' | 'administration';
  /** Status for somebody whom it is for. */
  status: number;
  /** What stands in the path: ids of somebody's things. Default: those of their tasks. */
  ids?: (owner: Owner) => string[];
  body?: object;
  /** Whether the refresh cookie alone will do. */
  takesCookie?: boolean;
  /** What a program needs besides the permission that the description names. */
  alsoNeeds?: Permission[];
}

/** Nobody changes an account that may do more than they, and no program. */
const RIGHTS_OF_OTHER: Permission[] = ['account:read', 'tasks:read', 'tasks:write'];

/** One row for each operation of the description; a new operation needs one. */
export const EXPECTATIONS: Record<string, Expectation> = {
  getHealth: { access: 'public', status: 200 },
  getReadiness: { access: 'public', status: 200 },
  getMetrics: { access: 'public', status: 200 },
  getJwks: { access: 'public', status: 200 },
  register: {
    access: 'public',
    status: 201,
    body: { email: 'matrix@example.org', password: TEST_PASSWORD },
  },
  // Without the right credentials these do nothing, whoever calls them.
  login: {
    access: 'public',
    status: 401,
    body: { email: 'nobody@example.org', password: 'wrong' },
  },
  refresh: { access: 'public', status: 401 },
  logout: { access: 'public', status: 204 },

  listSessions: { access: 'self', status: 200 },
  endSessions: { access: 'self', status: 204 },
  endSession: { access: 'owned', status: 204, ids: (owner) => [owner.sessionId] },

  listProviders: { access: 'public', status: 200 },
  signInWithProvider: { access: 'public', status: 302, ids: () => ['github'] },
  finishSignInWithProvider: { access: 'public', status: 302, ids: () => ['github'] },
  linkProvider: { access: 'self', status: 200, ids: () => ['github'] },

  listApiTokens: { access: 'self', status: 200 },
  createApiToken: {
    access: 'self',
    status: 201,
    body: { name: 'new', scopes: ['tasks:read'] },
  },
  revokeApiToken: { access: 'owned', status: 204, ids: (owner) => [owner.apiTokenId] },

  // Without the right credentials, or an offer, these do nothing.
  offerMerge: {
    access: 'self',
    status: 401,
    body: { email: 'nobody@example.org', password: 'wrong' },
  },
  viewMergeOffer: { access: 'self', status: 410, body: { token: 'x' } },
  mergeAccounts: { access: 'self', status: 410, body: { token: 'x' } },
  listMerges: { access: 'self', status: 200 },
  undoMerge: { access: 'owned', status: 204, ids: (owner) => [owner.mergeId] },

  listIdentities: { access: 'self', status: 200 },
  unlinkIdentity: { access: 'owned', status: 204, ids: (owner) => [owner.identityId] },

  setUp: {
    access: 'public',
    status: 410,
    body: { token: 'x', email: 'matrix-2@example.org', password: TEST_PASSWORD },
  },
  verifyEmail: { access: 'public', status: 410 },
  resendVerification: { access: 'public', status: 202, body: { email: 'nobody@example.org' } },
  forgotPassword: { access: 'public', status: 202, body: { email: 'nobody@example.org' } },
  resetPassword: { access: 'public', status: 410, body: { token: 'x', password: TEST_PASSWORD } },
  confirmEmail: { access: 'public', status: 410, body: { token: 'x' } },

  replaceOwnUser: {
    access: 'self',
    status: 200,
    body: {
      name: 'new',
      email: 'matrix-3@example.org',
      preferences: { theme: 'dark', time_zone: null, email_notices: true },
    },
  },
  changeOwnUser: { access: 'self', status: 200, body: { name: 'new' } },
  changePassword: {
    access: 'self',
    status: 204,
    body: { current_password: TEST_PASSWORD, new_password: 'another horse battery staple' },
  },
  deleteOwnUser: { access: 'self', status: 200 },
  listActivity: { access: 'self', status: 200 },

  listAuditEvents: { access: 'administration', status: 200 },
  verifyAuditLog: { access: 'administration', status: 200 },
  listPermissions: { access: 'administration', status: 200 },
  listJobs: { access: 'administration', status: 200 },
  // Nothing has failed.
  retryJob: { access: 'administration', status: 404 },
  getServerStatistics: { access: 'administration', status: 200 },
  listRoles: { access: 'administration', status: 200 },
  createRole: {
    access: 'administration',
    status: 201,
    body: { name: 'matrix-new', permissions: [] },
  },
  replaceRole: {
    access: 'administration',
    status: 200,
    body: { description: 'new', permissions: [] },
    ids: (owner) => [owner.roleName],
  },
  removeRole: { access: 'administration', status: 200, ids: (owner) => [owner.roleName] },
  listAccounts: { access: 'administration', status: 200 },
  listDeletedAccounts: { access: 'administration', status: 200 },
  getAccount: { access: 'administration', status: 200, ids: (owner) => [owner.otherId] },
  replaceAccount: {
    access: 'administration',
    status: 200,
    // An address is taken only once.
    get body() {
      return {
        name: 'new',
        email: `${randomUUID()}@example.org`,
        status: 'active',
        roles: ['user'],
      };
    },
    ids: (owner) => [owner.otherId],
    alsoNeeds: ['roles:assign', ...RIGHTS_OF_OTHER],
  },
  changeAccount: {
    access: 'administration',
    status: 200,
    body: { name: 'new' },
    ids: (owner) => [owner.otherId],
    alsoNeeds: RIGHTS_OF_OTHER,
  },
  deleteAccount: {
    access: 'administration',
    status: 204,
    ids: (owner) => [owner.otherId],
    alsoNeeds: RIGHTS_OF_OTHER,
  },
  restoreAccount: {
    access: 'administration',
    status: 200,
    ids: (owner) => [owner.deletedId],
    alsoNeeds: RIGHTS_OF_OTHER,
  },
  mailPasswordReset: {
    access: 'administration',
    status: 202,
    ids: (owner) => [owner.otherId],
    alsoNeeds: RIGHTS_OF_OTHER,
  },
  endAccountSessions: {
    access: 'administration',
    status: 204,
    ids: (owner) => [owner.otherId],
    alsoNeeds: RIGHTS_OF_OTHER,
  },

  getOwnUser: { access: 'self', status: 200 },
  listTasks: { access: 'self', status: 200 },
  countTasks: { access: 'self', status: 200 },
  createTask: { access: 'self', status: 201, body: { title: 'new' } },
  changeTasks: { access: 'self', status: 200, body: { action: 'delete', ids: [1, 2] } },

  getTask: { access: 'owned', status: 200 },
  replaceTask: {
    access: 'owned',
    status: 200,
    body: { title: 'replaced', description: null, status: 'completed' },
  },
  changeTask: { access: 'owned', status: 200, body: { title: 'changed' } },
  setTaskCompletion: { access: 'owned', status: 200, body: { completed: true } },
  deleteTask: { access: 'owned', status: 204 },
  restoreTask: { access: 'owned', status: 200 },

  registerFlat: {
    access: 'public',
    status: 201,
    body: { email: 'matrix-4@example.org', password: TEST_PASSWORD },
  },
  loginFlat: {
    access: 'public',
    status: 401,
    body: { email: 'nobody@example.org', password: 'wrong' },
  },
  refreshFlat: { access: 'public', status: 401 },
  logoutFlat: { access: 'public', status: 200 },
  getProtected: { access: 'self', status: 200 },

  listTodos: { access: 'self', status: 200, takesCookie: true },
  createTodo: { access: 'self', status: 201, takesCookie: true, body: { text: 'new' } },
  changeTodo: { access: 'owned', status: 200, takesCookie: true, body: { text: 'changed' } },
  deleteTodo: { access: 'owned', status: 200, takesCookie: true },
  signInWithGoogle: { access: 'public', status: 302 },
  signInWithGitHub: { access: 'public', status: 302 },
  followLogout: { access: 'public', status: 302 },

  listFlatTasks: { access: 'self', status: 200 },
  createFlatTask: { access: 'self', status: 201, body: { title: 'new' } },
  getFlatTask: { access: 'owned', status: 200 },
  replaceFlatTask: { access: 'owned', status: 200, body: { title: 'replaced' } },
  changeFlatTask: { access: 'owned', status: 200, body: { completed: true } },
  toggleFlatTask: { access: 'owned', status: 200 },
  deleteFlatTask: { access: 'owned', status: 204 },

  listUserTasks: { access: 'self', status: 200 },
  createUserTask: { access: 'self', status: 201, body: { title: 'new' } },
  getUserTask: { access: 'owned', status: 200 },
  replaceUserTask: { access: 'owned', status: 200, body: { title: 'replaced' } },
  completeUserTask: { access: 'owned', status: 200, body: { completed: true } },
  deleteUserTask: { access: 'owned', status: 204 },
};
