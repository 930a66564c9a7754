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
import { traceSearch } from '../pages/trace/trace-search.ts';
import { internetSearch } from '../pages/internet/internet-search.ts';
import { learnSearch } from '../pages/learn/learn-search.ts';
import { settingsSearch } from '../pages/settings/settings-search.ts';
import { networkTabs } from '../pages/networks/network-tabs.ts';
import { PageLoader } from '../parts/page-loader.tsx';
import { PageProblem } from '../parts/page-problem.tsx';

/**
 * The addresses of the portal. Search parameters are checked here, and what makes no sense in one is left out: an old or mistyped link shows
 * the page without it. A page is a chunk of its own, loaded when it is opened.
 */
const root = createRootRoute({ component: Frame, notFoundComponent: NotFoundPage });

const text = z.string().max(200).optional().catch(undefined);

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
});

const networks = createRoute({
  getParentRoute: () => root,
  path: '/networks',
  validateSearch: z.object({ q: text, panel: z.enum(['add']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../pages/networks/networks-page.tsx'), 'NetworksPage'),
});

const network = createRoute({
  getParentRoute: () => root,
  path: '/networks/$id',
  validateSearch: z.object({
    tab: z.enum(networkTabs).optional().catch(undefined),
    panel: z.enum(['add-connector', 'install']).optional().catch(undefined),
    /** The connector that the panel is about. */
    connector: text,
  }),
  component: lazyRouteComponent(() => import('../pages/networks/network-page.tsx'), 'NetworkPage'),
});

const problems = createRoute({
  getParentRoute: () => root,
  path: '/problems',
  component: lazyRouteComponent(() => import('../pages/problems/problems-page.tsx'), 'ProblemsPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/trace',
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import('../pages/trace/trace-page.tsx'), 'TracePage'),
});

const internet = createRoute({
  getParentRoute: () => root,
  path: '/internet',
  validateSearch: internetSearch,
  component: lazyRouteComponent(() => import('../pages/internet/internet-page.tsx'), 'InternetPage'),
});

const learn = createRoute({
  getParentRoute: () => root,
  path: '/learn',
  validateSearch: learnSearch,
  component: lazyRouteComponent(() => import('../pages/learn/learn-page.tsx'), 'LearnPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('../pages/account/account-page.tsx'), 'AccountPage'),
});

const routeTree = root.addChildren([overview, networks, network, internet, trace, learn, problems, settings, account]);

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
