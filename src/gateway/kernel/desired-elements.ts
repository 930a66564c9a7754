import type { EndpointId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { everything } from '../../core/ip/prefix.ts';
import { prefixesOfNetwork } from '../../core/prefixes-of-network.ts';
import type { Session } from '../session.ts';
import type { RouteInputs } from './desired-routes.ts';
import { carries, placeOf } from './desired-routes.ts';
import { disjoint } from './disjoint.ts';
import type { OwnLane } from './egress-facts.ts';
import { ownLaneId } from './egress-facts.ts';
import type { ElementText, NftElements } from './nft-elements.ts';
import type { MarkAndTable } from './ownership.ts';
import { classMark, exitMark, markText, pinMark } from './ownership.ts';

export type ElementInputs = RouteInputs & {
  /** Sessions that are let in: an endpoint may have two for the moment of a hand-over. */
  readonly sessions: readonly Session[];
  readonly alive: ReadonlySet<EndpointId>;
};

/** desiredElements are the elements of the sets and maps of nft-table.ts. */
export function desiredElements(inputs: ElementInputs): NftElements {
  const { own, facts, sessions, device } = inputs;
  const tuns = tunsOfConnectors(inputs);
  const marked = (connectors: readonly OwnLane[], mark: typeof pinMark) =>
    new Set(connectors.flatMap((connector) => tuns(connector).map((tun) => `${tun} ${spelled(mark(own, connector.lane))}`)));
  const classes = (list: readonly (readonly [PrefixText, number])[]) =>
    new Set(list.map(([prefix, number]) => `${prefix} ${spelled(classMark(own, number))}`));
  const staying = <Connector extends OwnLane>(connectors: readonly Connector[]) =>
    connectors.filter((connector) => inputs.alive.has(connector.endpoint) && placeOf(inputs, connector) !== undefined);
  return {
    open: new Set(sessions.map(({ lane }) => device(lane))),
    ...sources(inputs),
    egress: new Set(facts.gateways.flatMap(tuns)),
    claimed: facts.claimed,
    egress_hosts: classes(facts.hosts),
    egress_sites: classes(facts.sites),
    pins: marked(facts.sharers, pinMark),
    pins_out: marked(facts.exits, exitMark),
    pinned: new Set(staying(facts.sharers).map(({ lane }) => spelled(pinMark(own, lane)))),
    pinned_out: new Set(
      staying(facts.exits).flatMap((exit) =>
        exit.classes.map((number) => `${spelled(classMark(own, number))} ${spelled(exitMark(own, exit.lane))}`),
      ),
    ),
  };
}

function spelled({ mark }: MarkAndTable): string {
  return markText(mark);
}

/** Of each connector its own lane's tun, which no other is let on, and others where it is attached and may be sent everything. */
function tunsOfConnectors({ sessions, device }: ElementInputs): (connector: OwnLane) => string[] {
  const attached = new Map<EndpointId, string[]>();
  for (const session of sessions) {
    if (!carries(session, everything)) continue;
    const list = attached.get(session.endpoint);
    if (list === undefined) attached.set(session.endpoint, [device(session.lane)]);
    else list.push(device(session.lane));
  }
  return (connector) => [...new Set([device(ownLaneId(connector)), ...(attached.get(connector.endpoint) ?? [])])];
}

function sources({ configuration, sessions, device }: ElementInputs): Pick<NftElements, 'hosts' | 'sites'> {
  const hosts = new Set<ElementText>();
  const prefixes = new Map<string, PrefixText[]>();
  for (const session of sessions) {
    const name = device(session.lane);
    hosts.add(`${name} ${session.address}/32`);
    const list = prefixes.get(name) ?? [];
    const endpoint = configuration.endpoints[session.endpoint];
    const network = endpoint?.kind === 'connector' ? endpoint.network : null;
    for (const prefix of network === null ? [] : prefixesOfNetwork(configuration, network)) {
      if (!carries(session, prefix)) continue;
      if (prefix.endsWith('/32')) hosts.add(`${name} ${prefix}`);
      else list.push(prefix);
    }
    prefixes.set(name, list);
  }
  return { hosts, sites: new Set([...prefixes].flatMap(([name, list]) => disjoint(list).map((prefix) => `${name} ${prefix}`))) };
}
