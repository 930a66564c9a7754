import type { Owners } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Lane, LaneId } from '../../core/lanes.ts';
import { laneDevice } from '../../core/lanes.ts';
import type { Session, SessionKey } from '../session.ts';
import { desiredElements } from './desired-elements.ts';
import type { RouteInputs } from './desired-routes.ts';
import { desiredRoutes, desiredTables, findHolders } from './desired-routes.ts';
import type { RuleText } from './desired-rules.ts';
import { desiredRules } from './desired-rules.ts';
import type { EgressFacts } from './egress-facts.ts';
import { egressFacts, ownLaneId } from './egress-facts.ts';
import type { Routes } from './kernel-routes.ts';
import type { NftElements } from './nft-elements.ts';
import type { NftChain } from './nft-table.ts';
import { nftChains } from './nft-table.ts';
import type { KernelOwnership } from './ownership.ts';
import { classMark } from './ownership.ts';

/** ExitText is the table of an egress class and a tun that it may lead to, `TABLE DEVICE`. */
export type ExitText = string;

/** DesiredKernel is all that the gateway wants of the kernel: one immutable value, from configuration and sessions. */
export type DesiredKernel = {
  readonly own: KernelOwnership;
  readonly gateway: AddressText;
  /** Tuns of the lanes. */
  readonly devices: ReadonlySet<string>;
  /** Tuns of lanes that are not wanted any more but still run: they are deleted after that. */
  readonly kept: ReadonlySet<string>;
  readonly rules: ReadonlySet<RuleText>;
  /** Of the overlay's table. What no table has is refused by a rule. */
  readonly routes: Routes;
  /** Of the tables of egress classes and pins, by their numbers. */
  readonly tables: ReadonlyMap<number, Routes>;
  /** Of the sets of nft-table.ts: tuns where anybody is attached, who may send what, where it goes and stays. */
  readonly elements: NftElements;
  readonly chains: readonly NftChain[];
  /**
   * Tuns whose daemon runs but has not told yet who is connected (the agent was restarted): what is there for them stays, as far as
   * `legitimate` has the prefix, or `legitimateExits` the tun of the class.
   */
  readonly undecided: ReadonlySet<string>;
  readonly legitimate: ReadonlySet<PrefixText>;
  readonly legitimateExits: ReadonlySet<ExitText>;
  /** Sessions whose packets pass once the kernel is as desired. */
  readonly sessions: readonly SessionKey[];
};

export type KernelInputs = {
  readonly own: KernelOwnership;
  readonly configuration: GatewayConfiguration;
  readonly sessions: readonly Session[];
  /** Lanes whose daemon runs, wanted or not. */
  readonly running: ReadonlySet<LaneId>;
  readonly undecided: ReadonlySet<LaneId>;
  /** Who has the routes of each pool. One that is attached takes the place of owners that are not. */
  readonly owners: Owners;
  /** Connectors that are not unhealthy, of pools with several candidates: flows that began there stay there. */
  readonly alive: ReadonlySet<EndpointId>;
};

/** desiredKernel is pure: equal inputs give equal results, in any order of the sessions. */
export function desiredKernel(inputs: KernelInputs): DesiredKernel {
  const { own, configuration, running, undecided, owners, alive } = inputs;
  const device = (lane: LaneId) => laneDevice(own.installation, lane);
  const wanted = new Set(laneIds(configuration).map(device));
  const sessions = inputs.sessions.filter((session) => isWelcome(configuration, session));
  const facts = egressFacts(configuration);
  const routes: RouteInputs = { own, configuration, facts, holders: findHolders(sessions), owners, undecided, device };
  const waiting = undecided.size > 0;
  return {
    own,
    gateway: configuration.gateway.address,
    devices: wanted,
    kept: new Set([...running].map(device).filter((name) => !wanted.has(name))),
    rules: desiredRules(own, configuration, facts),
    routes: desiredRoutes(routes),
    tables: desiredTables(routes),
    elements: desiredElements({ ...routes, sessions, alive }),
    chains: nftChains(own, configuration.gateway.address),
    undecided: new Set([...undecided].map(device)),
    legitimate: waiting ? legitimatePrefixes(configuration) : new Set(),
    legitimateExits: waiting ? legitimateExits(own, configuration, facts, device) : new Set(),
    sessions: sessions.map(({ key }) => key),
  };
}

export function laneIds(configuration: GatewayConfiguration): LaneId[] {
  return Object.keys(configuration.lanes) as LaneId[];
}

/** isWelcome repeats the admission at every pass, so that a session that should have been cut never gets a route back. */
function isWelcome(configuration: GatewayConfiguration, session: Session): boolean {
  const endpoint = configuration.endpoints[session.endpoint];
  return (
    endpoint !== undefined &&
    endpoint.admission === 'admitted' &&
    endpoint.address === session.address &&
    configuration.certificates[session.serial] === session.endpoint &&
    isTakenBy(configuration.lanes[session.lane], session.endpoint)
  );
}

/** A lane that has another owner by now may be believed the internet's sources: who was there before must not profit from that. */
function isTakenBy(lane: Lane | undefined, endpoint: EndpointId): boolean {
  return lane !== undefined && (lane.kind !== 'connector' || endpoint === `connector:${lane.owner}`);
}

function legitimatePrefixes(configuration: GatewayConfiguration): Set<PrefixText> {
  const admitted = Object.values(configuration.endpoints).filter(({ admission }) => admission === 'admitted');
  return new Set([
    ...admitted.map(({ address }) => `${address}/32` as PrefixText),
    ...(Object.keys(configuration.prefixes) as PrefixText[]),
  ]);
}

function legitimateExits(
  own: KernelOwnership,
  configuration: GatewayConfiguration,
  facts: EgressFacts,
  device: (lane: LaneId) => string,
): Set<ExitText> {
  const lanes = new Map(facts.exits.map((exit) => [exit.endpoint, ownLaneId(exit)]));
  return new Set(
    facts.classes.flatMap(({ id, number }) =>
      (configuration.egress[id]?.candidates ?? []).flatMap((endpoint) => {
        const lane = lanes.get(endpoint);
        return lane === undefined ? [] : [exitText(classMark(own, number).table, device(lane))];
      }),
    ),
  );
}

/** exitText spells it. */
export function exitText(table: number, device: string): ExitText {
  return `${String(table)} ${device}`;
}
