import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { getSession } from './api/session.ts';
import { readTaskSearch } from './features/tasks/task-search.ts';
import { TasksPage } from './features/tasks/tasks-page.tsx';
import { CrashPage } from './shell/crash-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { safeRedirectPath } from './shell/redirect.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

/** Pages for signed-in people; others are sent to sign-in, and back afterwards. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: ({ location }) => {
    if (getSession().kind === 'signed-in') return;
    const next = location.href === '/' ? {} : { next: location.href };
    throw redirect({ to: '/login', search: next, replace: true });
  },
});

const tasks = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: readTaskSearch,
  component: TasksPage,
});

interface AccountSearch {
  /** Where to go after signing in. */
  next?: string;
  notice?: 'registered' | 'mail-sent';
}

function readAccountSearch(search: Record<string, unknown>): AccountSearch {
  const { next, notice } = search;
  return {
    ...(typeof next === 'string' ? { next } : {}),
    ...(notice === 'registered' || notice === 'mail-sent' ? { notice } : {}),
  };
}

const loadAccount = () => import('./features/account/account-pages.ts');

/** Pages for visitors; who is signed in goes on to where they wanted to go. */
const account = createRoute({
  getParentRoute: () => root,
  id: 'account',
  validateSearch: readAccountSearch,
  beforeLoad: ({ search }) => {
    if (getSession().kind !== 'signed-in') return;
    throw redirect({ href: safeRedirectPath(search.next, location.origin), replace: true });
  },
  component: lazyRouteComponent(loadAccount, 'AccountLayout'),
});

const login = createRoute({
  getParentRoute: () => account,
  path: '/login',
  component: lazyRouteComponent(loadAccount, 'SignInPage'),
});

const register = createRoute({
  getParentRoute: () => account,
  path: '/register',
  component: lazyRouteComponent(loadAccount, 'RegisterPage'),
});

/** Addresses are plain `name=value` pairs, without the quotes of JSON. */
function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : '';
}

/** Every page of the application. */
export const router = createRouter({
  routeTree: root.addChildren([app.addChildren([tasks]), account.addChildren([login, register])]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
