import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ApiProblem } from '../api/problem.ts';
import { flagQuery, meQuery, projectsQuery, queryClient, sessionQuery } from '../api/queries.ts';
import { flagsQuery } from '../list/list-queries.ts';
import { readListWish } from '../list/list-wish.ts';
import { ErrorPage, NotFoundPage } from './error-page.tsx';
import { Layout } from './layout.tsx';

const root = createRootRoute({ errorComponent: ErrorPage, notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { from?: string } =>
    typeof search['from'] === 'string' && search['from'].startsWith('/') ? { from: search['from'] } : {},
  component: lazyRouteComponent(() => import('../pages/login-page.tsx'), 'LoginPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../pages/setup-page.tsx'), 'SetupPage'),
});

/** Everything that somebody has to be signed in for. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.query({ ...sessionQuery, staleTime: 'static' });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      throw redirect({ to: '/login', search: location.pathname === '/' ? {} : { from: location.href } });
    }
  },
  loader: () =>
    Promise.all([
      queryClient.query({ ...meQuery, staleTime: 'static' }),
      queryClient.query({ ...projectsQuery, staleTime: 'static' }),
    ]),
  component: Layout,
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: async () => {
    const [me, projects] = await Promise.all([
      queryClient.query({ ...meQuery, staleTime: 'static' }),
      queryClient.query({ ...projectsQuery, staleTime: 'static' }),
    ]);
    const project = me.team?.id ?? projects[0]?.id;
    if (project !== undefined) throw redirect({ to: '/p/$project/flags', params: { project: String(project) } });
  },
});

const flags = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/flags',
  validateSearch: readListWish,
  loaderDeps: ({ search }) => search,
  loader: ({ params, deps }) => void queryClient.query(flagsQuery(params.project, deps)).catch(() => undefined),
  component: lazyRouteComponent(() => import('../pages/flags-page.tsx'), 'FlagsPage'),
});

const newFlag = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/flags/new',
  component: lazyRouteComponent(() => import('../pages/new-flag-page.tsx'), 'NewFlagPage'),
});

const flag = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/flags/$key',
  loader: ({ params }) => queryClient.query(flagQuery(params.project, params.key)),
  component: lazyRouteComponent(() => import('../pages/flag-page.tsx'), 'FlagPage'),
});

const flagTargeting = createRoute({
  getParentRoute: () => flag,
  path: '/',
  validateSearch: (search): { restore?: number } => {
    const version = Number(search['restore']);
    return Number.isSafeInteger(version) && version > 0 ? { restore: version } : {};
  },
  component: lazyRouteComponent(() => import('../pages/flag-targeting-page.tsx'), 'FlagTargetingPage'),
});

const userOf = (search: Record<string, unknown>): { user?: string } => {
  const { user } = search;
  return typeof user === 'string' ? { user } : typeof user === 'number' ? { user: String(user) } : {};
};

const flagExplain = createRoute({
  getParentRoute: () => flag,
  path: '/explain',
  validateSearch: userOf,
  component: lazyRouteComponent(() => import('../pages/flag-explain-page.tsx'), 'FlagExplainPage'),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/users',
  validateSearch: userOf,
  component: lazyRouteComponent(() => import('../pages/user-page.tsx'), 'UserPage'),
});

const flagHistory = createRoute({
  getParentRoute: () => flag,
  path: '/history',
  validateSearch: (search): { page?: number } => {
    const page = Number(search['page']);
    return Number.isSafeInteger(page) && page > 1 ? { page } : {};
  },
  component: lazyRouteComponent(() => import('../pages/flag-history-page.tsx'), 'FlagHistoryPage'),
});

const flagCode = createRoute({
  getParentRoute: () => flag,
  path: '/code',
  component: lazyRouteComponent(() => import('../pages/flag-code-page.tsx'), 'FlagCodePage'),
});

export const router = createRouter({
  basepath: '/console',
  routeTree: root.addChildren([
    login,
    setup,
    inside.addChildren([
      home,
      flags,
      newFlag,
      users,
      flag.addChildren([flagTargeting, flagExplain, flagHistory, flagCode]),
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
