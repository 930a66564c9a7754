import type { Address } from '../../ip/address.ts';
import { equalAddress, formatAddress } from '../../ip/address.ts';
import type { Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Step } from '../result.ts';
import { cloudCause } from './cloud-cause.ts';
import type { CloudState, Route, RouteTable } from './cloud-state.ts';
import type { Asker, End } from './crossing.ts';
import { cloudStep, isConnector } from './crossing.ts';
import { cardAt, hasAddress, isInside, isPrivate, subnetOf } from './lookup.ts';
import type { Missing } from './missing-route.ts';
import { isWanted, missingRoute, refusal, routeFacts } from './missing-route.ts';
import type { Resolved } from './route-choice.ts';
import { chooseRoute, resolve, routeText, tableOf, targetText } from './route-choice.ts';
import { vendorOf } from './vendors.ts';

/** Routed is the step of the route table, and where the packet is then. */
export type Routed = { readonly step: Step; readonly next: RoutedTo };

export type RoutedTo =
  | { readonly kind: 'machine'; readonly end: End }
  | { readonly kind: 'internet' }
  | { readonly kind: 'elsewhere'; readonly via: string }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'undetermined' };

/** routePacket asks the table of the sender's subnet. */
export function routePacket(asker: Asker): Routed {
  const { state, crossing, sender } = asker;
  const { destination } = crossing.packet;
  const inside = isInside(state, destination) === 'yes' || isConnector(crossing, destination);
  const found = tableOf(state, sender.subnet);
  if (found.kind === 'unknown') {
    if (inside) {
      const detail = `${found.why}; a cloud delivers addresses of its own network unless a route says otherwise`;
      return { step: cloudStep(state, 'cloud-route', 'assumed', detail), next: machine(state, destination) };
    }
    // Whatever is in the table, a route that the cloud refuses to take is not.
    const refused = isWanted(crossing, sender) ? refusal(state, crossing) : undefined;
    return refused === undefined ? undecided(state, found.why, null) : missed(asker, null, null, refused);
  }
  const { table } = found;
  const choice = chooseRoute(state, table, sender.card, destination);
  switch (choice.kind) {
    case 'unknown':
      return undecided(state, choice.why, null);
    case 'none':
      return missed(asker, table, null, missingRoute(asker, table, null));
    case 'chosen':
      return follow(asker, table, choice.route, inside);
  }
}

function follow(asker: Asker, table: RouteTable, route: Route, inside: boolean): Routed {
  const { state, crossing, sender } = asker;
  const { destination } = crossing.packet;
  const quote = quoteOf(table, route);
  if (route.state === 'dead') return blackhole(asker, table, route, `the next hop ${targetText(route.target)} is gone`);
  const resolved = resolve(state, route.target, destination);
  const isOurs = !inside && isWanted(crossing, sender);
  switch (resolved.kind) {
    case 'gone':
      return blackhole(asker, table, route, resolved.why);
    case 'unread':
      return undecided(state, `the route leads to ${resolved.name}, which was not read`, quote);
    case 'machine': {
      const { address } = resolved;
      if (equalAddress(address, sender.address)) return loop(asker, table, route);
      if (route.target.kind === 'local' || isConnector(crossing, address)) {
        const detail = `${vendorOf(state.cloud).tableWord} ${table.label} leads to ${formatAddress(address)}`;
        return { step: cloudStep(state, 'cloud-route', 'pass', detail, { quote }), next: machine(state, address) };
      }
      const missing = isOurs ? missingRoute(asker, table, route) : undefined;
      if (missing?.code === 'VPC-MORE-SPECIFIC') return missed(asker, table, route, missing);
      return undecided(
        state,
        `the route leads to ${formatAddress(address)}, which is no connector; what it does is not known`,
        quote,
      );
    }
    case 'nowhere':
    case 'internet':
    case 'service':
    case 'elsewhere':
      return isOurs ? missed(asker, table, route, missingRoute(asker, table, route)) : leave(asker, table, route, resolved);
  }
}

/** leave is for what the connector sends, or a server, to where the WPC has no part in it. */
function leave(
  asker: Asker,
  table: RouteTable,
  route: Route,
  to: Exclude<Resolved, { kind: 'machine' | 'unread' | 'gone' }>,
): Routed {
  const { state, crossing, sender } = asker;
  const { source, destination } = crossing.packet;
  const quote = quoteOf(table, route);
  const { tableWord } = vendorOf(state.cloud);
  switch (to.kind) {
    case 'nowhere':
      return missed(asker, table, route, {
        code: 'VPC-NO-ROUTE',
        detail: `${tableWord} ${table.label} drops what is for ${formatAddress(destination)}`,
      });
    case 'elsewhere': {
      const detail = `${tableWord} ${table.label} leads into another network, by ${to.name}`;
      return { step: cloudStep(state, 'cloud-route', 'pass', detail, { quote }), next: { kind: 'elsewhere', via: to.name } };
    }
    case 'internet':
    case 'service': {
      if (isPrivate(destination)) {
        const detail = `${tableWord} ${table.label} leads to ${to.name}, which carries nothing to private addresses`;
        return missed(asker, table, route, { code: 'VPC-NO-ROUTE', detail });
      }
      // A gateway translates addresses of cards and no others: a connector has to hide what it forwards behind its own.
      if (!hasAddress(sender.card, source) && !equalAddress(sender.address, source)) {
        const detail = `${to.name} does not carry packets from ${formatAddress(source)}, which is no address of the card that sends them`;
        return missed(asker, table, route, { code: 'NAT-EDGE-SCOPE', detail });
      }
      const detail = `${tableWord} ${table.label} leads to the internet, by ${to.name}`;
      return { step: cloudStep(state, 'cloud-route', 'pass', detail, { quote }), next: { kind: 'internet' } };
    }
  }
}

function blackhole(asker: Asker, table: RouteTable, route: Route, why: string): Routed {
  return missed(asker, table, route, {
    code: 'VPC-BLACKHOLE',
    detail: `${routeText(route)} in ${table.label} leads nowhere: ${why}`,
  });
}

/** Azure says so itself: a connector in a subnet whose own table leads to it gets back what it sends. */
function loop(asker: Asker, table: RouteTable, route: Route): Routed {
  const code: FindingCode = asker.state.cloud === 'azure' ? 'AZ-SAME-SUBNET' : 'EGRESS-LOOP';
  const detail = `${routeText(route)} in ${table.label} applies to the connector's own subnet too and leads back to it`;
  return missed(asker, table, route, { code, detail });
}

function missed(asker: Asker, table: RouteTable | null, route: Route | null, { code, detail, ...rest }: Missing): Routed {
  const { state, crossing, sender } = asker;
  const [connector] = crossing.connectors;
  const blamed = {
    id: table?.id ?? state.id,
    label: table?.label ?? state.label,
    ...(table === null ? {} : { table: table.id }),
    card: connector === undefined ? undefined : cardAt(state, connector),
  };
  const facts: Facts = {
    ...routeFacts(crossing),
    ...(sender.subnet === undefined ? {} : { value: sender.subnet.label }),
    ...(route === null ? {} : { rule: routeText(route) }),
    ...(rest.wanted === undefined ? {} : { wanted: rest.wanted }),
    observation: detail,
  };
  return {
    step: cloudStep(state, 'cloud-route', 'drop', detail, {
      quote: table === null || route === null ? null : quoteOf(table, route),
      cause: cloudCause(state, code, blamed, crossing.packet, facts),
    }),
    next: { kind: 'dropped' },
  };
}

function undecided(state: CloudState, why: string, quote: string | null): Routed {
  return { step: cloudStep(state, 'cloud-route', 'unknown', why, { quote }), next: { kind: 'undetermined' } };
}

function machine(state: CloudState, address: Address): RoutedTo {
  return { kind: 'machine', end: endAt(state, address) };
}

/** endAt is a machine as far as the state knows it. */
export function endAt(state: CloudState, address: Address): End {
  const card = cardAt(state, address);
  return { address, card, subnet: subnetOf(state, card, address) };
}

function quoteOf(table: RouteTable, route: Route): string {
  return `${table.label}: ${routeText(route)}`;
}
