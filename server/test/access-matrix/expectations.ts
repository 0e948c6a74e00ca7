import { TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';

/** Who an operation is for, and how it is called so that it succeeds. */
export interface Expectation {
  /**
   * `public`: everybody. `self`: whoever is signed in, about their own things. `owned`: the owner of
   * the thing whose id stands in the path; for everybody else it does not exist.
   */
  access: 'public' | 'self' | 'owned';
  /** Status for somebody whom it is for. */
  status: number;
  /** What stands for `{id}` in the path: ids of somebody's things. Default: those of their tasks. */
  ids?: (owner: TestUser) => string[];
  body?: object;
}

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
};
