import type { z } from 'zod';
import type { cloudCommands, knownCloud, networkCloud } from '../../contract/api/cloud-state.ts';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import { strictAddress } from '../../core/ip/address.ts';
import { contains, strictPrefix } from '../../core/ip/prefix.ts';
import type { NetworkRoutes } from '../../core/site-routes/site-routes.ts';
import { siteRoutes } from '../../core/site-routes/site-routes.ts';
import type { CloudId } from '../../core/trace/cloud/cloud-state.ts';
import { cloudIds } from '../../core/trace/cloud/cloud-state.ts';
import { cardAt } from '../../core/trace/cloud/lookup.ts';
import type { NetworkRouter } from '../site-routes/network-router.ts';
import { readRouters } from '../site-routes/network-router.ts';
import { readSiteWpc } from '../site-routes/site-wpc.ts';
import type { Database } from '../store/database.ts';
import type { KeptCloud } from './cloud-states.ts';
import { readCloud } from './cloud-states.ts';
import { cloudVendors } from './cloud-vendors.ts';
import { answersFile, commandScript } from './command-script.ts';
import { oldCloud } from './cloud-remarks.ts';

type Site = { readonly routes: NetworkRoutes; readonly router: NetworkRouter | null; readonly cloud: CloudId | null };

/** describeCloud says what is known of a network's cloud, and what makes it doubtful that it is its own. `now` is when it is asked. */
export async function describeCloud(database: Database, network: NetworkId, now: Date): Promise<z.input<typeof networkCloud>> {
  const { routes, cloud } = await siteOf(database, network);
  const kept = await readCloud(database, network);
  return {
    networkId: network,
    networkName: routes.name,
    known: kept === undefined ? null : summaryOf(kept),
    standsIn: cloud,
    warnings: kept === undefined ? [] : warningsOf(kept, routes, cloud, now),
  };
}

/** writeCommands writes what reads the cloud of a network. Throws invalid-input where nobody has said which cloud it is. */
export async function writeCommands(
  database: Database,
  network: NetworkId,
  wanted: CloudId | undefined,
): Promise<z.input<typeof cloudCommands>> {
  const { routes, router, cloud: standsIn } = await siteOf(database, network);
  const cloud = wanted ?? (await readCloud(database, network))?.cloud ?? standsIn;
  if (cloud === null) {
    throw invalidInput('cloud', undefined, 'is not allowed: nothing is known of the cloud of this network', cloudIds.join(', '));
  }
  const { commands } = cloudVendors[cloud];
  const site = {
    network: routes.name,
    address: routes.connectors.find(({ lan }) => lan !== null)?.lan?.address ?? null,
    // What was named for another platform has other names.
    parameters: router?.platform === cloud ? router.parameters : {},
  };
  const { script, missing } = commandScript(cloud, commands, site);
  return {
    networkId: network,
    networkName: routes.name,
    cloud,
    tool: commands.tool,
    script,
    file: answersFile,
    parts: commands.parts.map(({ part, commands: asked }) => ({ part, commands: asked.map(({ ask }) => ask) })),
    permissions: [...commands.permissions],
    missing: [...missing],
    notes: [`Run it where ${commands.signedIn}.`, ...commands.notes],
  };
}

/** siteOf is what is known of a network before its cloud is read. Not found where there is no such network. */
export async function siteOf(database: Database, network: NetworkId): Promise<Site> {
  const { wpc, observed } = await readSiteWpc(database, () => [network]);
  const routes = siteRoutes(wpc)(network);
  if (routes === undefined) throw notFound('network', network);
  const routerOf = await readRouters(database, [routes], observed);
  const router = routerOf(routes);
  return { routes, router, cloud: cloudIds.find((id) => id === router?.platform) ?? null };
}

function summaryOf({ cloud, state, read_at, how }: KeptCloud): z.input<typeof knownCloud> {
  const { tables, filters, ranges } = state;
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    cloud,
    id: state.id,
    label: state.label,
    how,
    readAt: read_at.toISOString(),
    ranges: ranges === null ? null : [...ranges],
    cards: state.cards.length,
    subnets: state.subnets.length,
    tables: tables?.length ?? null,
    routes: tables === null ? null : sum(tables.map(({ routes }) => routes.length)),
    filters: filters?.length ?? null,
    rules: filters === null ? null : sum(filters.map(({ rules }) => rules?.length ?? 0)),
  };
}

function warningsOf(
  kept: KeptCloud,
  { name, connectors, prefixes }: NetworkRoutes,
  standsIn: CloudId | null,
  now: Date,
): string[] {
  const { cloud, state } = kept;
  const ranges = (state.ranges ?? []).map((range) => strictPrefix(range));
  const strangers = connectors.flatMap((connector) =>
    connector.lan === null || cardAt(state, strictAddress(connector.lan.address)) !== undefined
      ? []
      : [`No network card that was read has the address ${connector.lan.address} of connector ${connector.name}.`],
  );
  const outside = prefixes.filter(
    (prefix) => state.ranges !== null && !ranges.some((range) => contains(range, strictPrefix(prefix))),
  );
  const old = oldCloud(name, state, now.toISOString());
  return [
    ...strangers,
    ...(outside.length === 0 ? [] : [`${outside.join(', ')} of this network lies in no range of the cloud that was read.`]),
    ...(standsIn === null || standsIn === cloud
      ? []
      : [`The network stands in ${standsIn}, by what its operator named or its connector tells, and ${cloud} was read.`]),
    ...(old === undefined ? [] : [old]),
  ];
}
