import { overviewRoutes } from '../../contract/api/overview.ts';
import { searchKinds, searchRoutes } from '../../contract/api/search.ts';
import type { SearchKind } from '../../contract/api/search.ts';
import type { TrafficPart } from '../../contract/api/traffic.ts';
import { trafficParts, trafficRoutes } from '../../contract/api/traffic.ts';
import type { Permission } from '../../contract/permission.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { demandPermissions, holds } from '../trace/find-ends.ts';
import { findAddress } from './find-address.ts';
import { readOverview } from './read-overview.ts';
import { readLastHour } from './read-traffic.ts';
import { searchNames } from './search-names.ts';

/** What reading each kind takes; a connector stands at a network or a host, and its name tells of either. */
const needs: Readonly<Record<SearchKind, readonly Permission[]>> = {
  network: ['network:read'],
  host: ['host:read'],
  connector: ['network:read', 'host:read'],
  user: ['user:read'],
  device: ['user:read', 'device:read'],
};

/** What people carry together tells of nobody; it is read by whoever may read that there are people. */
const needOfPart: Readonly<Record<TrafficPart, Permission>> = {
  people: 'user:read',
  network: 'network:read',
  host: 'host:read',
};

/** registerOverview: /overview, /traffic and /search. All leave out what the caller may not read. */
export const registerOverview: RegisterRoutes = (app, { store: { database } }) => {
  serve(
    app,
    overviewRoutes.read,
    allowed('status:read'),
    async ({ actor }) => await readOverview(database, (permission) => holds(actor, permission)),
  );
  serve(app, trafficRoutes.read, allowed('status:read'), async ({ actor, query: { networkId } }) => {
    if (networkId !== undefined) demandPermissions(actor, [needOfPart.network], 'Traffic of a network was asked for');
    const asked = networkId === undefined ? trafficParts : (['network'] as const);
    return await readLastHour(database, { parts: asked.filter((part) => holds(actor, needOfPart[part])), networkId });
  });
  serve(app, searchRoutes.find, allowed('status:read'), async ({ actor, query: { q, limit } }) => {
    const kinds = searchKinds.filter((kind) => needs[kind].every((permission) => holds(actor, permission)));
    const address = tryParseAddress(q);
    if (address !== undefined) return await findAddress(database, address, kinds);
    return { results: await searchNames(database, q, kinds, limit), answer: null };
  });
};
