/**
 * src/portal/live keeps what is shown in step with what happens: one stream of events for all tabs of a browser, and from each event to the
 * answers of the API that it makes old. Tests: refresher.test.ts, and test/portal/live.portal.test.ts in Chromium.
 */

/** What the API answers under one noun: the part of a path after the version. */
type Resource = string;

const sites = ['networks', 'hosts', 'overview', 'internet-gateways', 'static-routes', 'site-pairs', 'findings'];
const people = ['users', 'user-groups', 'devices', 'overview'];

/** Which answers an event about an entity makes old. An entity that is not here is of no other answer that the portal reads. */
const resources: Readonly<Record<string, readonly Resource[]>> = {
  network: sites,
  'network-route': sites,
  host: sites,
  connector: [...sites, 'sessions'],
  gateway: [...sites, 'regions'],
  session: [...sites, ...people, 'sessions'],
  'egress-class': ['overview', 'internet-gateways', 'findings'],
  user: [...people, 'mails'],
  'user-group': [...people, 'internet-gateways', 'findings'],
  device: [...people, 'sessions', 'findings'],
  certificate: ['devices', 'networks', 'hosts'],
  settings: ['settings', ...sites],
  mail: ['mails', 'settings'],
  'api-credential': ['api-credentials'],
  trace: ['traces'],
};

/** affectedBy gives the resources whose answers are old after an event about the entity; the list of activity is after every one. */
export function affectedBy(entity: string): readonly Resource[] {
  return ['activity', ...(Object.hasOwn(resources, entity) ? (resources[entity] ?? []) : [])];
}

/** resourceOf is the resource of a path of the API: `networks` of `/api/v1/networks/:id`. Undefined for another path. */
export function resourceOf(path: unknown): Resource | undefined {
  return typeof path === 'string' ? /^\/api\/(?:causeway\/)?v1\/([^/]+)/.exec(path)?.[1] : undefined;
}
