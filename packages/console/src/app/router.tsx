import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ApiProblem } from '../api/problem.ts';
import { flagQuery, instanceQuery, meQuery, projectsQuery, queryClient, sessionQuery } from '../api/queries.ts';
import { cohortQuery } from '../cohorts/cohort-queries.ts';
import { askedSearch } from '../flag/use-asked.ts';
import { flagsQuery } from '../list/list-queries.ts';
import { readListWish } from '../list/list-wish.ts';
import { projectDetailQuery } from '../settings/project-queries.ts';
import { type Range, ranges } from '../traffic/traffic-query.ts';
import { ErrorPage, NotFoundPage } from './error-page.tsx';
import { Layout } from './layout.tsx';

const root = createRootRoute({ errorComponent: ErrorPage, notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  loader: () => queryClient.query({ ...instanceQuery, staleTime: 'static' }),
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
      queryClient.query({ ...instanceQuery, staleTime: 'static' }),
      queryClient.query({ ...projectsQuery, staleTime: 'static' }),
    ]),
  component: Layout,
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: async () => {
    const project = await currentProject();
    if (project !== undefined) throw redirect({ to: '/p/$project/flags', params: { project } });
  },
});

/** Where somebody works, or could. */
async function currentProject(): Promise<string | undefined> {
  const [me, projects] = await Promise.all([
    queryClient.query({ ...meQuery, staleTime: 'static' }),
    queryClient.query({ ...projectsQuery, staleTime: 'static' }),
  ]);
  const id = me.team?.id ?? projects[0]?.id;
  return id === undefined ? undefined : String(id);
}

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

const flagExplain = createRoute({
  getParentRoute: () => flag,
  path: '/explain',
  validateSearch: askedSearch,
  component: lazyRouteComponent(() => import('../pages/flag-explain-page.tsx'), 'FlagExplainPage'),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/users',
  validateSearch: askedSearch,
  component: lazyRouteComponent(() => import('../pages/user-page.tsx'), 'UserPage'),
});

const flagTraffic = createRoute({
  getParentRoute: () => flag,
  path: '/traffic',
  validateSearch: ({ range }): { range?: Range } =>
    typeof range === 'string' && Object.hasOwn(ranges, range) ? { range: range as Range } : {},
  component: lazyRouteComponent(() => import('../pages/flag-traffic-page.tsx'), 'FlagTrafficPage'),
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

const textsOf =
  <Name extends string>(...names: readonly Name[]) =>
  (
    search: Readonly<Record<string, unknown>>,
  ): { readonly [Key in Name]?: string | undefined } & { readonly page?: number | undefined } => {
    const texts = names.flatMap((name) => {
      const value = search[name];
      return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
    });
    const page = Number(search['page']);
    const isPage = Number.isSafeInteger(page) && page > 1;
    return { ...(Object.fromEntries(texts) as { [Key in Name]?: string }), ...(isPage ? { page } : {}) };
  };

const cohorts = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/cohorts',
  validateSearch: textsOf('search', 'type'),
  component: lazyRouteComponent(() => import('../pages/cohorts-page.tsx'), 'CohortsPage'),
});

const newCohort = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/cohorts/new',
  component: lazyRouteComponent(() => import('../pages/new-cohort-page.tsx'), 'NewCohortPage'),
});

const cohort = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/cohorts/$id',
  loader: ({ params }) => queryClient.query(cohortQuery(params.project, Number(params.id))),
  component: lazyRouteComponent(() => import('../pages/cohort-page.tsx'), 'CohortPage'),
});

const earlyAccess = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/early-access',
  component: lazyRouteComponent(() => import('../pages/early-access-page.tsx'), 'EarlyAccessPage'),
});

const schedule = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/schedule',
  validateSearch: (
    search,
  ): { readonly plan?: string | undefined; readonly done?: boolean; readonly page?: number | undefined } => ({
    ...textsOf('plan')(search),
    ...(search['done'] === true ? { done: true } : {}),
  }),
  component: lazyRouteComponent(() => import('../pages/schedule-page.tsx'), 'SchedulePage'),
});

const projectHistory = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/history',
  validateSearch: textsOf('q', 'kind', 'user', 'activity'),
  component: lazyRouteComponent(() => import('../pages/history-page.tsx'), 'HistoryPage'),
});

/** Without a project in the address: those of the one that somebody works in. */
const ownSettings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  beforeLoad: async () => {
    const project = await currentProject();
    throw project === undefined ? redirect({ to: '/' }) : redirect({ to: '/p/$project/settings', params: { project } });
  },
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/p/$project/settings',
  component: lazyRouteComponent(() => import('../pages/settings-page.tsx'), 'SettingsPage'),
});

const settingsProfile = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/settings-profile-page.tsx'), 'SettingsProfilePage'),
});

const settingsKeys = createRoute({
  getParentRoute: () => settings,
  path: '/keys',
  component: lazyRouteComponent(() => import('../pages/settings-keys-page.tsx'), 'SettingsKeysPage'),
});

const settingsMembers = createRoute({
  getParentRoute: () => settings,
  path: '/members',
  component: lazyRouteComponent(() => import('../pages/settings-members-page.tsx'), 'SettingsMembersPage'),
});

const settingsProject = createRoute({
  getParentRoute: () => settings,
  path: '/project',
  loader: ({ params }) => queryClient.query(projectDetailQuery(params.project)),
  component: lazyRouteComponent(() => import('../pages/settings-project-page.tsx'), 'SettingsProjectPage'),
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
      cohorts,
      newCohort,
      cohort,
      earlyAccess,
      schedule,
      projectHistory,
      ownSettings,
      settings.addChildren([settingsProfile, settingsKeys, settingsMembers, settingsProject]),
      flag.addChildren([flagTargeting, flagExplain, flagTraffic, flagHistory, flagCode]),
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
