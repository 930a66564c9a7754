import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router';
import { z } from 'zod';
import { Frame } from '../frame/frame.tsx';
import { NotFoundPage } from '../pages/not-found/not-found-page.tsx';
import { activitySearch } from '../pages/activity/activity-search.ts';
import { traceSearch } from '../pages/trace/trace-search.ts';
import { internetSearch } from '../pages/internet/internet-search.ts';
import { learnSearch } from '../pages/learn/learn-search.ts';
import { settingsSearch } from '../pages/settings/settings-search.ts';
import { networkTabs } from '../pages/networks/network-tabs.ts';
import { PageLoader } from '../parts/page-loader.tsx';
import { PageProblem } from '../parts/page-problem.tsx';
import { wholePage } from './whole-page.ts';

/**
 * The addresses of the portal. Search parameters are checked here, and what makes no sense in one is left out: an old or mistyped link shows
 * the page without it. A page is a chunk of its own, loaded when it is opened.
 */
const root = createRootRoute({ component: Frame, notFoundComponent: NotFoundPage });

const text = z.string().max(200).optional().catch(undefined);

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: z.object({
    view: z.enum(['map', 'list']).optional().catch(undefined),
    /** What the panel is about: the id of a card. */
    card: text,
    /** Groups of cards that are shown one by one: their ids, as JSON. */
    open: z.string().max(2_000).optional().catch(undefined),
  }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/overview/overview-page.tsx')),
    'OverviewPage',
  ),
});

const networks = createRoute({
  getParentRoute: () => root,
  path: '/networks',
  validateSearch: z.object({ q: text, panel: z.enum(['add']).optional().catch(undefined) }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/networks/networks-page.tsx')),
    'NetworksPage',
  ),
});

const network = createRoute({
  getParentRoute: () => root,
  path: '/networks/$id',
  validateSearch: z.object({
    tab: z.enum(networkTabs).optional().catch(undefined),
    panel: z.enum(['add-connector', 'install', 'edit']).optional().catch(undefined),
    /** The connector that the panel is about. */
    connector: text,
  }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/networks/network-page.tsx')),
    'NetworkPage',
  ),
});

const list = { q: text, sort: text, id: text };

const hosts = createRoute({
  getParentRoute: () => root,
  path: '/hosts',
  validateSearch: z.object({
    ...list,
    state: text,
    panel: z.enum(['add', 'install']).optional().catch(undefined),
    /** The connector that the panel is about. */
    connector: text,
  }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/hosts/hosts-page.tsx')),
    'HostsPage',
  ),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: z.object({
    ...list,
    role: text,
    status: text,
    group: text,
    state: text,
    panel: z.enum(['add']).optional().catch(undefined),
  }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/users/users-page.tsx')),
    'UsersPage',
  ),
});

const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: z.object({ ...list, panel: z.enum(['add']).optional().catch(undefined) }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/groups/groups-page.tsx')),
    'GroupsPage',
  ),
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  validateSearch: z.object({
    ...list,
    state: text,
    panel: z.enum(['add']).optional().catch(undefined),
    /** Whom the panel adds a device to. */
    user: text,
  }),
  component: lazyRouteComponent(
    wholePage(() => import('../pages/devices/devices-page.tsx')),
    'DevicesPage',
  ),
});

const problems = createRoute({
  getParentRoute: () => root,
  path: '/problems',
  component: lazyRouteComponent(
    wholePage(() => import('../pages/problems/problems-page.tsx')),
    'ProblemsPage',
  ),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/trace',
  validateSearch: traceSearch,
  component: lazyRouteComponent(
    wholePage(() => import('../pages/trace/trace-page.tsx')),
    'TracePage',
  ),
});

const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  validateSearch: activitySearch,
  component: lazyRouteComponent(
    wholePage(() => import('../pages/activity/activity-page.tsx')),
    'ActivityPage',
  ),
});

const internet = createRoute({
  getParentRoute: () => root,
  path: '/internet',
  validateSearch: internetSearch,
  component: lazyRouteComponent(
    wholePage(() => import('../pages/internet/internet-page.tsx')),
    'InternetPage',
  ),
});

const learn = createRoute({
  getParentRoute: () => root,
  path: '/learn',
  validateSearch: learnSearch,
  component: lazyRouteComponent(
    wholePage(() => import('../pages/learn/learn-page.tsx')),
    'LearnPage',
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(
    wholePage(() => import('../pages/settings/settings-page.tsx')),
    'SettingsPage',
  ),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(
    wholePage(() => import('../pages/account/account-page.tsx')),
    'AccountPage',
  ),
});

const routeTree = root.addChildren([
  overview,
  networks,
  network,
  hosts,
  users,
  groups,
  devices,
  internet,
  trace,
  learn,
  problems,
  activity,
  settings,
  account,
]);

/** createPortalRouter makes the router of one browser tab. */
export function createPortalRouter() {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultPendingComponent: PageLoader,
    defaultErrorComponent: ({ error, reset }) => <PageProblem error={error} onRetry={reset} />,
    scrollRestoration: true,
    // Parameters are text as people would type it; TanStack's own way makes numbers and JSON of them.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(String),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}
