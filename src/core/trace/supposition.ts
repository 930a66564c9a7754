import type { ConnectorId, NetworkId } from '../ids.ts';
import { overlaps, strictPrefix } from '../ip/prefix.ts';
import type { TraceInput } from './input.ts';
import type { Hop, Step } from './result.ts';
import type { Scene } from './scene.ts';
import { sceneOf } from './scene.ts';
import { asAgentsWould } from './hypothesis.ts';
import type { Verdict } from './words.ts';

/**
 * Supposition is a fact of the way of a flow that is taken to be otherwise than it is, to show where the packet then ends: what the tutorial
 * says fails (RA-11, RA-15, IG-6, IG-10, IG-12, SS-18, SS-25). Nothing is changed anywhere.
 */
export const suppositions = {
  'forwarding-off': 'the connector forwards nothing',
  'no-nat': 'the connector does not translate, and the router has no route to the tunnel addresses',
  'edge-hides-own-lan': 'the connector does not translate, and the router hides the addresses of its own LAN alone',
  'no-route': 'the router of the side that begins has no route',
  'no-route-back': 'the router of the side that answers has no route',
  'no-internet-gateway': 'no network is an internet gateway',
} as const;
export type Supposition = keyof typeof suppositions;

/** Supposed is what places are told to take for granted (router-route.ts, places/router.ts). */
export type Supposed = {
  /** Its router has no route into the WPC. */
  readonly routeless?: NetworkId;
  /** Whose sources the router of this network hides: those of its LAN, or all. */
  readonly edge?: { readonly network: NetworkId; readonly hides: 'own-lan' | 'all' };
};

/** WalkedFlow is what of a check says where its packets went; a kept trace has it too. */
type WalkedFlow = {
  readonly verdict: Verdict;
  readonly forward: { readonly hops: readonly MetHop[] };
  readonly reverse: { readonly hops: readonly MetHop[] } | null;
};
type MetHop = Pick<Hop, 'node'> & { readonly steps: readonly Pick<Step, 'stage' | 'result'>[] };

/**
 * suppositionsFor gives those that matter to a flow as it was walked: without NAT where it is translated, without a route where it is not. A flow
 * that does not arrive as it is has none: it ends already.
 */
export function suppositionsFor({ forward, reverse, verdict }: WalkedFlow): readonly Supposition[] {
  if (verdict !== 'works') return [];
  const last = connectorsOf(forward.hops).at(-1);
  if (last === undefined) return [];
  const isInternet = forward.hops.at(-1)?.node.kind === 'internet';
  if (isInternet)
    return ['forwarding-off', ...(isTranslated(last) ? (['no-nat', 'edge-hides-own-lan'] as const) : []), 'no-internet-gateway'];
  const begins = forward.hops[0]?.node.kind;
  const isSite = begins === 'host';
  if (isSite) return ['forwarding-off', 'no-route', 'no-route-back'];
  const isBehind = reverse?.hops[0]?.node.kind === 'host';
  if (!isBehind) return [];
  return ['forwarding-off', isTranslated(last) ? 'no-nat' : 'no-route-back'];
}

/**
 * supposing is the input with the supposition in it, for a flow that was walked on it; undefined where the flow meets no machine that it is
 * about, or that has reported nothing. Pure: the answer is an input like any other.
 */
export function supposing(
  input: TraceInput,
  { forward }: Pick<WalkedFlow, 'forward'>,
  wanted: Supposition,
): TraceInput | undefined {
  const scene = sceneOf(input);
  const met = connectorsOf(forward.hops).map(({ node }) => node.id.slice('connector:'.length) as ConnectorId);
  const [first, last] = [met[0], met.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  switch (wanted) {
    case 'forwarding-off':
      return withoutForwarding(input, last);
    case 'no-nat': {
      const network = networkOf(scene, last);
      return network && withSupposed(withoutNat(input, network), { routeless: network, edge: { network, hides: 'all' } });
    }
    case 'edge-hides-own-lan': {
      const network = networkOf(scene, last);
      return network && withSupposed(withoutNat(input, network), { edge: { network, hides: 'own-lan' } });
    }
    case 'no-route': {
      const network = networkOf(scene, first);
      return network && withSupposed(input, { routeless: network });
    }
    case 'no-route-back': {
      const network = networkOf(scene, last);
      return network && withSupposed(input, { routeless: network });
    }
    case 'no-internet-gateway':
      return withoutGateways(input);
  }
}

function connectorsOf(hops: readonly MetHop[]): readonly MetHop[] {
  return hops.filter(({ node }) => node.kind === 'connector');
}

function isTranslated({ steps }: MetHop): boolean {
  return steps.some(({ stage, result }) => stage === 'nat' && result === 'change');
}

function networkOf(scene: Scene, id: ConnectorId): NetworkId | undefined {
  const site = scene.connector(id)?.site;
  return site?.kind === 'network' ? site.id : undefined;
}

/** As the kernel does where net.ipv4.ip_forward is written: every interface follows. */
function withoutForwarding(input: TraceInput, id: ConnectorId): TraceInput | undefined {
  const machine = input.observed.machines.get(id);
  const sysctl = machine?.sections.get('sysctl');
  if (machine === undefined || sysctl === undefined) return undefined;
  const body = sysctl.body.replace(/^(net\/ipv4\/(?:ip_forward|conf\/.+\/forwarding))=\d+$/gm, '$1=0');
  const sections = new Map([...machine.sections, ['sysctl', { ...sysctl, body }] as const]);
  return { ...input, observed: { ...input.observed, machines: new Map([...input.observed.machines, [id, { sections }]]) } };
}

/** With the machines as their agents would set them up for it. */
function withoutNat(input: TraceInput, id: NetworkId): TraceInput {
  const { model, configuration } = input;
  const networks = model.networks.map((network) => (network.id === id ? { ...network, nat: 'routed' as const } : network));
  const site = configuration.networks[id];
  const compiled = site === undefined ? configuration.networks : { ...configuration.networks, [id]: { ...site, sharing: false } };
  return asAgentsWould(input, {
    ...input,
    model: { ...model, networks },
    configuration: { ...configuration, networks: compiled },
  });
}

/** A cloud that was read has the routes in its tables; elsewhere the router is told to have none. */
function withSupposed(input: TraceInput, supposed: Supposed): TraceInput {
  const { routeless } = supposed;
  const state = routeless === undefined ? undefined : input.observed.clouds.get(routeless);
  if (routeless === undefined || state === undefined || state.tables === null) return { ...input, supposed };
  const wpc = [
    ...input.model.tunnelRanges,
    ...input.model.networks.filter(({ id }) => id !== routeless).flatMap(({ prefixes }) => prefixes),
  ].map((text) => strictPrefix(text));
  const tables = state.tables.map((table) => ({
    ...table,
    routes: table.routes.filter(({ destination }) => {
      // A list of prefixes that the cloud keeps elsewhere is not one of ours.
      if (destination === null) return true;
      const prefix = strictPrefix(destination);
      return prefix.length === 0 || !wpc.some((each) => overlaps(each, prefix));
    }),
  }));
  const clouds = new Map([...input.observed.clouds, [routeless, { ...state, tables }] as const]);
  return { ...input, supposed, observed: { ...input.observed, clouds } };
}

function withoutGateways(input: TraceInput): TraceInput {
  const { model, configuration } = input;
  const egress = Object.fromEntries(Object.entries(configuration.egress).map(([id, each]) => [id, { ...each, candidates: [] }]));
  return {
    ...input,
    model: { ...model, networks: model.networks.map((network) => ({ ...network, egress: false })) },
    configuration: { ...configuration, egress },
  };
}
