import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { getSession } from './api/session.ts';
import { forgetArrival, keepArrival, keptArrival } from './features/settings/arrival.ts';
import { readTaskSearch } from './features/tasks/task-search.ts';
import { TasksPage } from './features/tasks/tasks-page.tsx';
import { CrashPage } from './shell/crash-page.tsx';
import { forgetLinkTokens, keepLinkToken, linkTokenOf } from './shell/link-token.ts';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { safeRedirectPath } from './shell/redirect.ts';
import { goOnToProvider, waitForProviders } from './shell/sign-in-providers.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

/** Pages for signed-in people; others are sent to sign-in, and back afterwards. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: ({ location }) => {
    if (getSession().kind === 'signed-in') return;
    // What the fragment brings along holds for the session that has ended.
    const address = location.pathname + location.searchStr;
    const next = address === '/' ? {} : { next: address };
    throw redirect({ to: '/login', search: next, replace: true });
  },
});

const tasks = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: readTaskSearch,
  component: TasksPage,
});

const loadSettings = () => import('./features/settings/settings-pages.ts');

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/security', replace: true });
  },
});

const security = createRoute({
  getParentRoute: () => app,
  path: '/settings/security',
  beforeLoad: ({ location: { pathname, search, hash } }) => {
    if (keepArrival(search, hash)) throw redirect({ to: pathname, replace: true });
    return { arrival: keptArrival() };
  },
  onLeave: forgetArrival,
  component: lazyRouteComponent(loadSettings, 'SecurityPage'),
});

interface AccountSearch {
  /** Where to go after signing in. */
  next?: string;
  notice?: 'registered' | 'password-changed';
}

function readAccountSearch(search: Record<string, unknown>): AccountSearch {
  const { next, notice } = search;
  return {
    ...(typeof next === 'string' ? { next } : {}),
    ...(notice === 'registered' || notice === 'password-changed' ? { notice } : {}),
  };
}

const loadAccount = () => import('./features/account/account-pages.ts');

/** The frame of all pages that need nobody signed in. */
const account = createRoute({
  getParentRoute: () => root,
  id: 'account',
  validateSearch: readAccountSearch,
  component: lazyRouteComponent(loadAccount, 'AccountLayout'),
});

/** Pages for visitors; who is signed in goes on to where they wanted to go. */
const visitors = createRoute({
  getParentRoute: () => account,
  id: 'visitors',
  beforeLoad: ({ search }) => {
    if (getSession().kind !== 'signed-in') return;
    throw redirect({ href: safeRedirectPath(search.next, location.origin), replace: true });
  },
});

interface LoginSearch {
  /** The provider to which the visitor goes on straight away. */
  provider?: string;
}

function readLoginSearch({ provider }: Record<string, unknown>): LoginSearch {
  return typeof provider === 'string' ? { provider } : {};
}

const login = createRoute({
  getParentRoute: () => visitors,
  path: '/login',
  validateSearch: readLoginSearch,
  loaderDeps: ({ search: { provider, next } }) => ({ provider, next }),
  loader: async ({ deps: { provider, next } }) => {
    const isEarly = await waitForProviders();
    if (provider) await goOnToProvider(provider, safeRedirectPath(next, location.origin));
    return isEarly;
  },
  component: lazyRouteComponent(loadAccount, 'SignInPage'),
});

const register = createRoute({
  getParentRoute: () => visitors,
  path: '/register',
  loader: waitForProviders,
  component: lazyRouteComponent(loadAccount, 'RegisterPage'),
});

interface ProblemSearch {
  /** Why a sign-in by a provider was refused. */
  code?: string;
  provider?: string;
}

function readProblemSearch({ code, provider }: Record<string, unknown>): ProblemSearch {
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof provider === 'string' ? { provider } : {}),
  };
}

const providerProblem = createRoute({
  getParentRoute: () => account,
  path: '/login/problem',
  validateSearch: readProblemSearch,
  loader: waitForProviders,
  component: lazyRouteComponent(loadAccount, 'ProviderProblemPage'),
});

const forgotPassword = createRoute({
  getParentRoute: () => account,
  path: '/forgot-password',
  component: lazyRouteComponent(loadAccount, 'ForgotPasswordPage'),
});

/** Pages that mailed links lead to, for whoever is signed in or nobody. */
const links = createRoute({
  getParentRoute: () => account,
  id: 'links',
  beforeLoad: ({ location: { pathname, hash } }) => {
    if (hash) {
      keepLinkToken(pathname, hash);
      throw redirect({ to: pathname, replace: true });
    }
    return { linkToken: linkTokenOf(pathname) };
  },
  onLeave: forgetLinkTokens,
});

const resetPassword = createRoute({
  getParentRoute: () => links,
  path: '/reset-password',
  component: lazyRouteComponent(loadAccount, 'ResetPasswordPage'),
});

const verify = createRoute({
  getParentRoute: () => links,
  path: '/verify',
  component: lazyRouteComponent(loadAccount, 'VerifyPage'),
});

const confirmEmail = createRoute({
  getParentRoute: () => links,
  path: '/confirm-email',
  component: lazyRouteComponent(loadAccount, 'ConfirmEmailPage'),
});

const setup = createRoute({
  getParentRoute: () => links,
  path: '/setup',
  component: lazyRouteComponent(loadAccount, 'SetupPage'),
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
  routeTree: root.addChildren([
    app.addChildren([tasks, settings, security]),
    account.addChildren([
      visitors.addChildren([login, register]),
      providerProblem,
      forgotPassword,
      links.addChildren([resetPassword, verify, confirmEmail, setup]),
    ]),
  ]),
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
