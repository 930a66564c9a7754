import { compile } from '../../compile.ts';
import { exampleGateway, exampleWpc } from '../../example-wpc.ts';
import type { ConnectorId, EndpointId } from '../../ids.ts';
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { NatMode, Network, WpcModel } from '../../model.ts';
import type { FlowQuestion } from '../flow-packet.ts';
import type { Attachment, Observed, ObservedMachine, TraceInput } from '../input.ts';
import type { Protocol } from '../packet.ts';
import type { ProbeAnswer, ProbeKind, ProbeResult } from '../probe.ts';
import type { RouterStatement, ServerStatement } from '../statement.ts';
import type { MachinePlan } from './connector-sections.ts';
import { connectorSections, observedAt } from './connector-sections.ts';

/** Addresses of tutorial.md 1; network 0 is HQ, network 1 Branch, device 0 Bob's. */
export const bob = '100.96.16.1' as AddressText;
export const hrServer = '10.0.0.20' as AddressText;
export const hqRouter = '10.0.0.1' as AddressText;
export const financeServer = '192.168.0.20' as AddressText;

const wpcRange = '100.96.0.0/11';

/** The machine of HQ's connector as the agent sets it up. */
export function hqMachine(nat: NatMode): MachinePlan {
  return {
    tunnelAddress: '100.96.0.100',
    lanAddress: '10.0.0.10/18',
    lanSubnet: '10.0.0.0/18',
    router: hqRouter,
    tunnelRoutes: [wpcRange, '192.168.0.0/22'],
    masqueraded: nat === 'masquerade' ? [wpcRange] : ['100.96.0.1'],
  };
}

export function branchMachine(nat: NatMode): MachinePlan {
  return {
    tunnelAddress: '100.96.0.101',
    lanAddress: '192.168.0.10/22',
    lanSubnet: '192.168.0.0/22',
    router: '192.168.0.1',
    tunnelRoutes: [wpcRange, '10.0.0.0/18'],
    masqueraded: nat === 'masquerade' ? [wpcRange] : ['100.96.0.1'],
  };
}

export type TutorialPlan = {
  readonly nat?: NatMode;
  readonly hq?: Partial<MachinePlan> | null;
  readonly branch?: Partial<MachinePlan> | null;
  readonly model?: (model: WpcModel) => WpcModel;
  readonly observed?: Partial<Observed>;
  readonly probes?: readonly ProbeResult[];
  readonly routers?: { readonly hq?: RouterStatement; readonly branch?: RouterStatement };
  /** What was stated of HQ's servers. */
  readonly servers?: readonly ServerStatement[];
  /** Endpoints that are not connected. */
  readonly away?: readonly EndpointId[] | undefined;
};

/** tutorialInput is the tutorial's WPC with everything connected and set up by its agents; what a test is about is changed by the plan. */
export function tutorialInput(plan: TutorialPlan = {}): TraceInput {
  const nat = plan.nat ?? 'masquerade';
  const base = exampleWpc({ networks: 2, devices: 2 });
  const withNat: WpcModel = { ...base, networks: base.networks.map((network): Network => ({ ...network, nat })) };
  const model = plan.model?.(withNat) ?? withNat;
  const configuration = compile(model, exampleGateway);
  const [hq, branch] = model.connectors;
  const machines = new Map<ConnectorId, ObservedMachine>();
  if (hq !== undefined && plan.hq !== null) machines.set(hq.id, connectorSections({ ...hqMachine(nat), ...plan.hq }));
  if (branch !== undefined && plan.branch !== null)
    machines.set(branch.id, connectorSections({ ...branchMachine(nat), ...plan.branch }));
  const attached = new Map(
    Object.keys(configuration.endpoints)
      .filter((id) => !(plan.away ?? []).includes(id as EndpointId))
      .map((id): [EndpointId, Attachment] => [id as EndpointId, { lane: 'u0', since: observedAt, clientAddress: null }]),
  );
  const statements = new Map(
    [plan.routers?.hq, plan.routers?.branch].flatMap((router, index) => {
      const network = model.networks[index];
      const servers = index === 0 ? (plan.servers ?? []) : [];
      if (network === undefined || (router === undefined && servers.length === 0)) return [];
      return [[network.id, { router: router ?? null, servers }] as const];
    }),
  );
  return {
    model,
    configuration,
    observed: {
      now: observedAt,
      attached,
      owners: new Map(),
      gateway: { reportedAt: observedAt, problems: [] },
      machines,
      platforms: new Map(),
      statements,
      clouds: new Map(),
      probes: plan.probes ?? [],
      ...plan.observed,
    },
  };
}

/** flow asks about one flow between addresses. */
export function flow(
  source: AddressText,
  destination: AddressText,
  protocol: Protocol = 'tcp',
  port: number | null = 443,
): FlowQuestion {
  const end = (address: AddressText) => ({ object: { kind: 'server', id: address, label: address } as const, address });
  return {
    source: end(source),
    destination: end(destination),
    protocol,
    port: protocol === 'icmp' ? null : port,
    bytes: 60,
    dontFragment: false,
  };
}

/** probe is an answer to a question of HQ's connector. */
export function probe(
  input: TraceInput,
  kind: ProbeKind,
  target: AddressText,
  answer: ProbeAnswer,
  port: number | null = 443,
): ProbeResult {
  const connector = input.model.connectors[0]?.id ?? ('' as ConnectorId);
  return {
    connector,
    question: { kind, protocol: port === null ? 'icmp' : 'tcp', target, port, bytes: null },
    answer,
    quote: `${kind} ${target}: ${answer}`,
    at: observedAt,
  };
}

/** A router as the operator describes it; what is not said is not known. */
export function router(stated: Partial<RouterStatement>): RouterStatement {
  return { platform: null, routes: null, stateful: null, redirects: null, natSources: null, ...stated };
}

export function routesTo(connector: string, ...destinations: readonly string[]): RouterStatement['routes'] {
  return destinations.map((destination) => ({ destination: destination as PrefixText, nextHop: connector as AddressText }));
}
