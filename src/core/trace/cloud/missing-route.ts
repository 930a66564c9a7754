import type { AddressText } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import { platformOf } from '../../platforms/catalogue.ts';
import type { Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { CloudState, Route, RouteTable } from './cloud-state.ts';
import type { Asker, Crossing, End } from './crossing.ts';
import { isConnector } from './crossing.ts';
import { covers, leadsTo, routeText } from './route-choice.ts';
import { vendorOf } from './vendors.ts';

/** Missing is why a table does not lead to the connector. `wanted` is the route or table that would have. */
export type Missing = { readonly code: FindingCode; readonly detail: string; readonly wanted?: string };

/** isWanted: a server sends it, and it is for the WPC: then it has to reach a connector. */
export function isWanted(crossing: Crossing, sender: End): boolean {
  return !isConnector(crossing, sender.address) && wantedPrefix(crossing) !== undefined;
}

function wantedPrefix({ wanted, packet }: Crossing): PrefixText | undefined {
  return wanted.find((prefix) => containsAddress(strictPrefix(prefix), packet.destination));
}

/** routeFacts are of every missing route: what should lead to the connector, and its address. */
export function routeFacts(crossing: Crossing): Facts {
  const prefix = wantedPrefix(crossing);
  const [connector] = crossing.connectors;
  const address: AddressText | undefined = connector === undefined ? undefined : formatAddress(connector);
  return {
    ...(prefix === undefined ? {} : { prefix }),
    prefixes: crossing.wanted,
    ...(address === undefined ? {} : { nextHop: address, lanAddress: address }),
  };
}

/** refusal: the cloud does not take routes to this destination at all. */
export function refusal(state: CloudState, crossing: Crossing): Missing | undefined {
  const text = wantedPrefix(crossing);
  const prefix = text === undefined ? undefined : strictPrefix(text);
  const reason = prefix?.family === 4 ? platformOf(state.cloud).refuses?.(prefix) : undefined;
  if (reason === undefined) return undefined;
  return { code: 'RANGE-UNROUTABLE', detail: `no ${vendorOf(state.cloud).tableWord} leads to the connector: ${reason}` };
}

/**
 * missingRoute says why the table of the sender's subnet does not lead to the connector, the nearest reason first: the route is there and
 * another wins, its next hop is gone, it is for machines with other tags, another table has it, nobody can have it, nobody has it.
 * `chosen` is the route that the packet takes instead.
 */
export function missingRoute({ state, crossing, sender }: Asker, table: RouteTable, chosen: Route | null): Missing {
  const { destination } = crossing.packet;
  const text = formatAddress(destination);
  const word = vendorOf(state.cloud).tableWord;
  const leads = (route: Route) => leadsTo(state, route, destination, crossing.connectors);
  const own = table.routes.filter(leads);
  const instead = chosen === null ? 'nothing else takes it' : `it takes ${routeText(chosen)}`;

  const dead = table.routes.find((route) => route.state === 'dead' && covers(route, destination));
  if (dead !== undefined) {
    return {
      code: 'VPC-BLACKHOLE',
      detail: `${routeText(dead)} in ${table.label} does not count, its next hop is gone; ${instead}`,
    };
  }
  const losing = own.find((route) => route.tags === null || sender.card?.tags?.some((tag) => route.tags?.includes(tag)));
  if (losing !== undefined) {
    const wanted = routeText(losing);
    return { code: 'VPC-MORE-SPECIFIC', detail: `${wanted} in ${table.label} is not used for ${text}: ${instead}`, wanted };
  }
  const [tagged] = own;
  if (tagged !== undefined) {
    const wanted = routeText(tagged);
    return { code: 'VPC-WRONG-TABLE', detail: `${wanted} is not for the sender, which has none of its tags; ${instead}`, wanted };
  }
  const other = state.tables?.find(
    ({ id, routes }) => id !== table.id && routes.some((route) => route.state === 'active' && leads(route)),
  );
  if (other !== undefined) {
    const detail = `the subnet uses ${table.label}, and the route to the connector is in ${other.label}; ${instead}`;
    return { code: 'VPC-WRONG-TABLE', detail, wanted: other.label };
  }
  return (
    refusal(state, crossing) ?? {
      code: 'VPC-NO-ROUTE',
      detail: `${word} ${table.label} has no route to the connector for ${text}; ${instead}`,
    }
  );
}
