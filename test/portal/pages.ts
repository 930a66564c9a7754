import type { Page } from 'playwright-core';
import type { ExampleWpc } from './example-wpc.ts';

/** PortalPage is a page as tests and pictures of it want it: where it is, and what has to be done and seen before it is complete. */
export type PortalPage = {
  readonly name: string;
  readonly path: (wpc: ExampleWpc) => string;
  readonly state: 'signed-in' | 'signed-out' | 'second-factor' | 'enrolment' | 'set-up';
  /** Resolves when the page shows what it is about. */
  readonly complete: (page: Page) => Promise<void>;
};

const heading =
  (name: string, level = 1) =>
  async (page: Page) =>
    await page.getByRole('heading', { level, name }).waitFor();

const panel = (name: string) => async (page: Page) => await page.getByRole('complementary', { name }).waitFor();

const secret = 'A'.repeat(43);

/** portalPages are all of them; a new page is added here, and with that to the accessibility test and the pictures. */
export const portalPages: readonly PortalPage[] = [
  { name: 'sign-in', path: () => '/', state: 'signed-out', complete: heading('Sign in') },
  { name: 'second-factor', path: () => '/', state: 'second-factor', complete: heading('Second factor') },
  { name: 'enrolment', path: () => '/', state: 'enrolment', complete: heading('Add a second factor') },
  { name: 'set-up', path: () => `/set-up#${secret}`, state: 'set-up', complete: heading('Set up Causeway') },
  { name: 'set-up-without-link', path: () => '/', state: 'set-up', complete: heading('Set up Causeway') },
  { name: 'reset-password', path: () => `/new-password#${secret}`, state: 'signed-out', complete: heading('New password') },
  { name: 'overview', path: () => '/', state: 'signed-in', complete: heading('Overview') },
  { name: 'overview-map', path: () => '/?view=map', state: 'signed-in', complete: heading('Overview') },
  { name: 'networks', path: () => '/networks', state: 'signed-in', complete: heading('Networks') },
  { name: 'networks-none-found', path: () => '/networks?q=nothing', state: 'signed-in', complete: heading('Networks') },
  {
    name: 'network-add',
    path: () => '/networks?panel=add',
    state: 'signed-in',
    complete: async (page) => {
      await page.getByRole('button', { name: 'Add and install' }).click();
      await page.getByText('Prefix is empty.').waitFor();
    },
  },
  { name: 'network-connectors', path: ({ hq }) => `/networks/${hq}`, state: 'signed-in', complete: heading('HQ Network') },
  {
    name: 'network-install',
    path: ({ hq, hqConnector }) => `/networks/${hq}?panel=install&connector=${hqConnector}`,
    state: 'signed-in',
    complete: async (page) => {
      await page.getByRole('button', { name: 'Make the install line' }).click();
      await page.getByText('curl').waitFor();
    },
  },
  {
    name: 'network-edit',
    path: ({ hq }) => `/networks/${hq}?panel=edit`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('button', { name: 'Delete network' }).waitFor(),
  },
  {
    name: 'network-subnets',
    path: ({ hq }) => `/networks/${hq}?tab=subnets`,
    state: 'signed-in',
    complete: heading('HQ Network'),
  },
  {
    name: 'network-lan',
    path: ({ branch }) => `/networks/${branch}?tab=lan`,
    state: 'signed-in',
    complete: async (page) => await page.getByText('/ip route').first().waitFor(),
  },
  {
    name: 'network-hostile',
    path: ({ hostile }) => `/networks/${hostile}`,
    state: 'signed-in',
    complete: heading('Vladivostok'),
  },
  {
    name: 'host',
    path: ({ host }) => `/hosts?id=${host}`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('complementary', { name: 'db' }).waitFor(),
  },
  { name: 'users', path: () => '/users', state: 'signed-in', complete: heading('Users') },
  {
    name: 'user',
    path: ({ bob }) => `/users?id=${bob}`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('complementary', { name: 'bob' }).waitFor(),
  },
  {
    name: 'user-add',
    path: () => '/users?panel=add',
    state: 'signed-in',
    complete: async (page) => {
      await page.getByRole('button', { name: 'Add the user' }).click();
      await page.getByText('User name is empty').waitFor();
    },
  },
  {
    name: 'group',
    path: ({ group }) => `/groups?id=${group}`,
    state: 'signed-in',
    complete: async (page) => {
      await page.getByRole('complementary', { name: 'Default' }).waitFor();
      await page.getByRole('checkbox', { name: 'All regions, also those to come' }).uncheck();
      await page.getByRole('group', { name: 'Regions' }).getByRole('checkbox').first().waitFor();
    },
  },
  { name: 'devices', path: () => '/devices', state: 'signed-in', complete: heading('Devices') },
  {
    name: 'device',
    path: ({ bobsLaptop }) => `/devices?id=${bobsLaptop}`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('complementary', { name: 'laptop' }).waitFor(),
  },
  { name: 'hosts', path: () => '/hosts', state: 'signed-in', complete: heading('Hosts') },
  { name: 'groups', path: () => '/groups', state: 'signed-in', complete: heading('Groups') },
  { name: 'host-add', path: () => '/hosts?panel=add', state: 'signed-in', complete: panel('Add a host') },
  { name: 'group-add', path: () => '/groups?panel=add', state: 'signed-in', complete: panel('Add a group') },
  { name: 'device-add', path: () => '/devices?panel=add', state: 'signed-in', complete: panel('Add a device') },
  { name: 'trace', path: () => '/trace', state: 'signed-in', complete: heading('Trace') },
  {
    name: 'trace-broken',
    path: ({ trace }) => `/trace?from=bob&to=10.0.0.20&proto=tcp&port=80&id=${trace}`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('button', { name: /Apply on hq-1/ }).waitFor(),
  },
  {
    name: 'trace-what-if',
    path: ({ hq }) =>
      `/trace?panel=what-if&change=${encodeURIComponent(JSON.stringify({ kind: 'remove-prefix', networkId: hq, prefix: '10.0.0.0/18' }))}`,
    state: 'signed-in',
    complete: async (page) => await page.getByText(/^Checked: /).waitFor(),
  },
  { name: 'learn-missing', path: () => '/learn?flow=internet', state: 'signed-in', complete: heading('Learn') },
  {
    name: 'learn',
    path: ({ trace }) => `/learn?id=${trace}&step=3`,
    state: 'signed-in',
    complete: async (page) => await page.getByText(/^Step 3 of /).waitFor(),
  },
  { name: 'account', path: () => '/account', state: 'signed-in', complete: heading('Your account') },
  { name: 'problems', path: () => '/problems', state: 'signed-in', complete: heading('Problems') },
  {
    name: 'activity',
    path: () => '/activity?entry=audit-1',
    state: 'signed-in',
    complete: async (page) => await page.getByText('Only this object').waitFor(),
  },
  {
    name: 'internet',
    path: ({ staff }) => `/internet?change=user-group:${staff}`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('checkbox', { name: 'HQ Network' }).waitFor(),
  },
  {
    name: 'network-internet',
    path: ({ hq }) => `/networks/${hq}?tab=internet`,
    state: 'signed-in',
    complete: heading('Who leaves by it now', 2),
  },
  {
    name: 'network-activity',
    path: ({ hq }) => `/networks/${hq}?tab=activity`,
    state: 'signed-in',
    complete: async (page) => await page.getByRole('cell', { name: 'Network HQ Network created' }).waitFor(),
  },
  { name: 'settings', path: () => '/settings', state: 'signed-in', complete: heading('WPC', 2) },
  { name: 'settings-mail', path: () => '/settings?tab=mail', state: 'signed-in', complete: heading('Outbox', 2) },
  {
    name: 'settings-credentials',
    path: () => '/settings?tab=credentials',
    state: 'signed-in',
    complete: async (page) => await page.getByRole('cell', { name: 'user-group:read' }).waitFor(),
  },
  {
    name: 'settings-add-credential',
    path: () => '/settings?tab=credentials&panel=add-credential',
    state: 'signed-in',
    complete: async (page) => await page.getByRole('radio', { name: /^Some/ }).check(),
  },
  { name: 'not-found', path: () => '/nothing-here', state: 'signed-in', complete: heading('No page here') },
  {
    name: 'search',
    path: () => '/',
    state: 'signed-in',
    complete: async (page) => {
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('10.0.0.20');
      await page.getByRole('option', { name: /^Network HQ Network/ }).waitFor();
    },
  },
];
