import type { Address } from '../../ip/address.ts';
import { equalAddress, strictAddress } from '../../ip/address.ts';
import { containsAddress } from '../../ip/prefix.ts';
import type { CloudState, NetworkCard, Route, RouteTable, Subnet, Target } from './cloud-state.ts';
import { cardAt, cardNamed, prefixOn } from './lookup.ts';
import { vendorOf } from './vendors.ts';

/** RouteChoice is what a cloud's route table says to a destination. The table is that of the sender's subnet: clouds ask it at the sender's card. */
export type RouteChoice =
  | { readonly kind: 'chosen'; readonly route: Route; readonly table: RouteTable }
  | { readonly kind: 'none'; readonly table: RouteTable }
  | { readonly kind: 'unknown'; readonly table: RouteTable | null; readonly why: string };

export type TableChoice =
  | { readonly kind: 'table'; readonly table: RouteTable }
  | { readonly kind: 'unknown'; readonly why: string };

/** tableOf is the table that applies to a subnet, with the vendor's own routes in it. */
export function tableOf(state: CloudState, subnet: Subnet | undefined): TableChoice {
  const { tableWord } = vendorOf(state.cloud);
  const { tables } = state;
  if (tables === null) return { kind: 'unknown', why: `the ${tableWord} was not read` };
  const [only] = tables;
  // Where there is one table for the whole network, it does not matter which subnet it is.
  if (only !== undefined && tables.length === 1 && only.main) return complete(state, only);
  if (subnet === undefined) return { kind: 'unknown', why: 'the subnet of the sender was not read' };
  const { table: association } = subnet;
  if (association === null) return { kind: 'unknown', why: `which ${tableWord} subnet ${subnet.label} uses was not read` };
  if (association.kind === 'own') {
    const found = tables.find(({ id }) => id === association.id);
    return found === undefined
      ? { kind: 'unknown', why: `the ${tableWord} ${association.id} of subnet ${subnet.label} was not read` }
      : complete(state, found);
  }
  const main = tables.find((table) => table.main);
  if (main !== undefined) return complete(state, main);
  // Azure's subnets without a table have the system routes only; elsewhere there is a main table, and it was not read.
  if (state.cloud === 'azure')
    return complete(state, { id: subnet.id, label: `system routes of ${subnet.label}`, main: true, routes: [] });
  return { kind: 'unknown', why: `the main ${tableWord} was not read` };
}

const completed = new WeakMap<CloudState, Map<string, RouteTable>>();

/** A table with the vendor's own routes in it is made once for a state, which serves many questions. */
function complete(state: CloudState, table: RouteTable): TableChoice {
  const tables = completed.get(state) ?? new Map<string, RouteTable>();
  completed.set(state, tables);
  const known = tables.get(table.id);
  if (known !== undefined) return { kind: 'table', table: known };
  const whole = { ...table, routes: [...table.routes, ...localRoutes(state), ...vendorOf(state.cloud).routes] };
  tables.set(table.id, whole);
  return { kind: 'table', table: whole };
}

function localRoutes(state: CloudState): readonly Route[] {
  const usual = { target: { kind: 'local' }, state: 'active', origin: 'system', priority: null, tags: null } as const;
  return (state.ranges ?? state.subnets.flatMap(({ prefixes }) => prefixes)).map((destination) => ({ destination, ...usual }));
}

/** chooseRoute looks a destination up: the longest prefix, then what the vendor prefers. */
export function chooseRoute(state: CloudState, table: RouteTable, card: NetworkCard | undefined, to: Address): RouteChoice {
  const ordered = matching(state, table, card, to);
  if (ordered.kind === 'unknown') return { kind: 'unknown', table, why: ordered.why };
  const { routes } = ordered;
  const [best] = routes;
  if (best === undefined) return { kind: 'none', table };
  const even = routes.find((route) => compare(state, route, best) === 0 && !sameTarget(route.target, best.target));
  if (even === undefined) return { kind: 'chosen', route: best, table };
  return { kind: 'unknown', table, why: `${routeText(best)} and ${routeText(even)} are equal; each flow takes one of them` };
}

type Ordered =
  | { readonly kind: 'routes'; readonly routes: readonly Route[] }
  | { readonly kind: 'unknown'; readonly why: string };

function matching(state: CloudState, { routes }: RouteTable, card: NetworkCard | undefined, to: Address): Ordered {
  const vendor = vendorOf(state.cloud);
  const found: Route[] = [];
  for (const route of routes) {
    // Services of the vendor's have public addresses, and private ones of ours are not among them.
    if (route.destination === null) {
      if (route.target.kind === 'service') continue;
      return { kind: 'unknown', why: `what ${routeText(route)} covers was not read` };
    }
    if (!covers(route, to)) continue;
    if (route.state === 'dead' && vendor.deadRoutes === 'passed-over') continue;
    if (route.tags !== null) {
      const own = card?.tags ?? null;
      if (own === null)
        return { kind: 'unknown', why: `${routeText(route)} is for some tags, and those of the sender were not read` };
      if (!route.tags.some((tag) => own.includes(tag))) continue;
    }
    found.push(route);
  }
  return { kind: 'routes', routes: found.toSorted((a, b) => compare(state, a, b)) };
}

/** Below zero where the first is preferred. */
function compare({ cloud }: CloudState, a: Route, b: Route): number {
  if (vendorOf(cloud).localFirst) {
    const local = Number(b.target.kind === 'local') - Number(a.target.kind === 'local');
    if (local !== 0) return local;
  }
  const longer = lengthOf(b) - lengthOf(a);
  if (longer !== 0) return longer;
  const priority = (a.priority ?? 0) - (b.priority ?? 0);
  return priority === 0 ? origins[a.origin] - origins[b.origin] : priority;
}

function lengthOf(route: Route): number {
  return route.destination === null ? -1 : prefixOn(route, route.destination).length;
}

/** covers is false where the destination of the route was not read. */
export function covers(route: Route, address: Address): boolean {
  return route.destination !== null && containsAddress(prefixOn(route, route.destination), address);
}

const origins = { user: 0, propagated: 1, system: 2 } as const satisfies Record<Route['origin'], number>;

function sameTarget(a: Target, b: Target): boolean {
  return targetText(a) === targetText(b);
}

/** Resolved is whom a target means. */
export type Resolved =
  | { readonly kind: 'machine'; readonly address: Address; readonly card: NetworkCard | undefined }
  /** Named, and its card was not read. */
  | { readonly kind: 'unread'; readonly name: string }
  | { readonly kind: 'gone'; readonly why: string }
  | Exclude<Target, { kind: 'local' | 'card' | 'address' }>;

export function resolve(state: CloudState, target: Target, destination: Address): Resolved {
  switch (target.kind) {
    case 'local':
      return { kind: 'machine', address: destination, card: cardAt(state, destination) };
    case 'card': {
      const card = cardNamed(state, target.name);
      const own = card?.addresses[0];
      if (card === undefined || own === undefined) return { kind: 'unread', name: target.name };
      return { kind: 'machine', address: strictAddress(own), card };
    }
    case 'address': {
      const address = strictAddress(target.address);
      const card = cardAt(state, address);
      if (vendorOf(state.cloud).primaryOnly && card !== undefined && card.addresses[0] !== target.address) {
        return { kind: 'gone', why: `${target.address} is not the primary address of ${card.label}` };
      }
      return { kind: 'machine', address, card };
    }
    case 'internet':
    case 'service':
    case 'elsewhere':
    case 'nowhere':
      return target;
  }
}

/** leadsTo is true for a live route that covers the destination and leads to one of these addresses. */
export function leadsTo(state: CloudState, route: Route, to: Address, machines: readonly Address[]): boolean {
  if (route.target.kind === 'local' || !covers(route, to)) return false;
  const resolved = resolve(state, route.target, to);
  return resolved.kind === 'machine' && machines.some((machine) => equalAddress(machine, resolved.address));
}

export function routeText({ destination, target, state, priority, tags }: Route): string {
  const extras = [
    ...(state === 'dead' ? ['blackhole'] : []),
    ...(priority === null ? [] : [`priority ${String(priority)}`]),
    ...(tags === null ? [] : [`tags ${tags.join(' ')}`]),
  ];
  return `${destination ?? 'list of addresses'} -> ${targetText(target)}${extras.length === 0 ? '' : ` (${extras.join(', ')})`}`;
}

export function targetText(target: Target): string {
  switch (target.kind) {
    case 'local':
      return 'local';
    case 'nowhere':
      return 'nowhere';
    case 'address':
      return target.address;
    case 'card':
    case 'internet':
    case 'service':
    case 'elsewhere':
      return target.name;
  }
}
