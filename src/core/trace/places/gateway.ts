import type { EgressClassId } from '../../egress-classes.ts';
import type { PoolId } from '../../failover/pool.ts';
import type { Endpoint, EndpointInternet } from '../../gateway-configuration.ts';
import type { ConnectorId, DeviceId, EndpointId, NetworkId } from '../../ids.ts';
import type { Address } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import { containsAddress, formatPrefix, hostPrefix, strictPrefix } from '../../ip/prefix.ts';
import type { Cause, Facts } from '../cause.ts';
import { offlineCause } from '../connector-causes.ts';
import type { Packet } from '../packet.ts';
import type { Arrival, Course, Next, Passage, Place } from '../place.ts';
import { end, to } from '../place.ts';
import { connectorLabel, connectorRef, endpointLabel, networkRef, nodeOf } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { inRanges, isAttached } from '../scene.ts';
import { step } from '../step.ts';

/** Way is what the gateway decided, and the steps in which it did. */
type Way = { readonly steps: readonly Step[]; readonly next: Next };

const here: Place = { kind: 'gateway' };

/**
 * passGateway is what the gateway's kernel does, told in the words of the configuration from which its routes, rules and sets are made
 * (gateway/kernel): sources are believed only where they belong, the overlay's routes come before those of internet classes, and what none
 * has is refused. The answers of a flow stay on the connector where it began (decision 61).
 */
export function passGateway(scene: Scene, { packet, entrance }: Arrival, course: Course): Passage {
  if (entrance.kind === 'made') {
    const made = step('reply-originate', 'pass', `the gateway answers from ${formatAddress(packet.source)}`, { packet });
    const { steps, next } = wayOf(scene, null, packet, course);
    return passage(scene, { steps: [made, ...steps], next });
  }
  const from = entrance.kind === 'tunnel' ? endpointOf(entrance.from) : undefined;
  const sender = from === undefined ? undefined : scene.endpoint(from);
  if (from === undefined || sender === undefined) {
    const stray = step('tunnel-rx', 'unknown', 'the packet comes from an endpoint that this gateway does not serve');
    return passage(scene, { steps: [stray], next: end('undetermined') });
  }
  const name = endpointLabel(scene, from);
  const entered = step('tunnel-rx', 'pass', `it comes out of the tunnel of ${name}`, seen(scene));
  const refusal = sourceRefusal(scene, name, sender, packet);
  if (refusal !== undefined) return passage(scene, { steps: [entered, refusal], next: end('dropped') });
  const believed = step('access-policy', 'pass', `${name} may send from ${formatAddress(packet.source)}`);
  const { steps, next } = wayOf(scene, { id: from, endpoint: sender }, packet, course);
  if (next.kind === 'to' && isForwardingOff(scene)) {
    return passage(scene, { steps: [entered, believed, notForwarded(scene, packet)], next: end('dropped') });
  }
  return passage(scene, { steps: [entered, believed, ...steps], next });
}

function passage(scene: Scene, { steps, next }: Way): Passage {
  const out = next.kind === 'to' ? nodeOf(scene, next.place).label : null;
  return { hop: { node: nodeOf(scene, here), in: null, out, steps, tutorial: [] }, next };
}

/** The sets `hosts`, `sites` and `egress` of the gateway's table: who may send what. */
function sourceRefusal(scene: Scene, name: string, sender: Endpoint, { source }: Packet): Step | undefined {
  const text = formatAddress(source);
  if (text === sender.address) return undefined;
  const owner = scene.networkOf(source);
  const network = sender.kind === 'connector' ? sender.network : null;
  if (owner !== undefined && owner.id === network) return undefined;
  const isClaimed = owner !== undefined || inRanges(scene, source);
  const isEgress = network !== null && scene.input.configuration.networks[network]?.egress === true;
  if (isEgress && !isClaimed) return undefined;
  const cause: Cause =
    network === null
      ? { code: 'OVL-NO-NETWORK', object: gatewayRef(scene), facts: { source: text, prefix: formatPrefix(hostPrefix(source)) } }
      : {
          code: owner === undefined ? 'OVL-NO-NETWORK' : 'OVL-OVERLAP',
          object: networkRef(scene, network),
          facts: { source: text, prefix: formatPrefix(hostPrefix(source)), networkId: network },
        };
  const whose = owner === undefined ? 'in no network' : `of the network ${owner.name}`;
  return step('access-policy', 'drop', `${name} sends from ${text}, which is ${whose}: it is not believed`, { cause });
}

function isForwardingOff(scene: Scene): boolean {
  return scene.input.observed.gateway.problems.some(({ code }) => code === 'forwarding-off');
}

/** What comes out of one tunnel goes into no other. What the gateway answers itself still passes. */
function notForwarded(scene: Scene, { source, destination }: Packet): Step {
  return step(
    'forwarding',
    'drop',
    "the gateway's machine does not forward: net.ipv4.ip_forward is 0 and cannot be set from there",
    {
      ...seen(scene),
      quote: 'net.ipv4.ip_forward = 0',
      cause: {
        code: 'FWD-OFF',
        object: gatewayRef(scene),
        facts: {
          source: formatAddress(source),
          destination: formatAddress(destination),
          sysctl: 'net/ipv4/ip_forward',
          value: '0',
          wanted: '1',
        },
      },
    },
  );
}

type Sender = { readonly id: EndpointId; readonly endpoint: Endpoint };

/** Without a sender the gateway itself sends: to the overlay only. */
function wayOf(scene: Scene, sender: Sender | null, packet: Packet, course: Course): Way {
  const { destination } = packet;
  const text = formatAddress(destination);
  const holder = scene.endpointAt(destination);
  if (holder !== undefined) return toEndpoint(scene, holder, packet, `${text} is the tunnel address of`);
  if (text === scene.input.configuration.gateway.address) return toGateway(packet);
  const network = scene.networkOf(destination);
  if (network !== undefined) {
    const route = coveringPrefix(scene, network.id, destination);
    return throughPool(scene, `network:${network.id}`, connectorsOf(scene, network.id), packet, course, {
      route,
      what: `${route} is a prefix of the network ${network.name}`,
      object: networkRef(scene, network.id),
    });
  }
  if (sender === null || inRanges(scene, destination)) return nobodyHas(scene, destination);
  const access = internetOf(scene, sender.endpoint, packet.source);
  return access.kind === 'local' ? nobodyHas(scene, destination) : toInternet(scene, access.class, packet, course, sender.id);
}

function toGateway(packet: Packet): Way {
  if (packet.kind === 'echo-request') {
    return { steps: [step('deliver', 'pass', 'the gateway itself answers pings of its tunnel address')], next: end('delivered') };
  }
  const refused = step('access-policy', 'drop', 'the gateway answers nothing but pings at its tunnel address');
  return { steps: [refused], next: end('dropped') };
}

function toEndpoint(scene: Scene, holder: EndpointId, packet: Packet, what: string): Way {
  const name = endpointLabel(scene, holder);
  const routed = step('overlay-route', 'pass', `${what} ${name}`);
  const allowed = fullMesh();
  if (!isAttached(scene, holder)) return { steps: [routed, allowed], next: unreachable(scene, holder, packet) };
  const sent = step('tunnel-tx', 'pass', `into the tunnel of ${name}`, seen(scene));
  return { steps: [routed, allowed, sent], next: to(placeOf(holder), packet, { kind: 'tunnel', from: here }) };
}

type Pool = { readonly route: string; readonly what: string; readonly object: Cause['object'] };

/** Who has the routes of a network or class: the owners that the gateway reported, else the first that is attached, as its planner chooses. */
function throughPool(
  scene: Scene,
  pool: PoolId,
  candidates: readonly ConnectorId[],
  packet: Packet,
  { direction, memory }: Course,
  { route, what, object }: Pool,
): Way {
  const owners = (scene.input.observed.owners.get(pool) ?? []).filter((id) => candidates.includes(id));
  const attached = [...owners, ...candidates.filter((id) => !owners.includes(id))].filter((id) =>
    isAttached(scene, `connector:${id}`),
  );
  const kept = direction === 'reverse' ? attached.find((id) => memory.has(`connector ${id}`)) : undefined;
  const chosen = kept ?? attached[0];
  const routed = step('overlay-route', 'pass', what, { quote: route });
  const [first] = candidates;
  if (first === undefined) {
    const lacking = step('tunnel-tx', 'drop', `no connector serves ${object.label}`, {
      cause: { code: 'CON-OFFLINE', object, facts: ownerFacts(object) },
    });
    return { steps: [routed, lacking], next: end('dropped') };
  }
  if (chosen === undefined) return { steps: [routed], next: unreachable(scene, `connector:${first}`, packet) };
  const others = attached.length > 1 ? `; ${String(attached.length - 1)} more could` : '';
  const sent = step('tunnel-tx', 'pass', `${connectorLabel(scene, chosen)} serves it${others}`, seen(scene));
  const place: Place = { kind: 'connector', id: chosen };
  return { steps: [routed, fullMesh(), sent], next: to(place, packet, { kind: 'tunnel', from: here }) };
}

/** internetOf is where the sender's internet traffic goes: a network's own prefixes have their network's, everything else the endpoint's. */
function internetOf(scene: Scene, sender: Endpoint, source: Address): EndpointInternet {
  const network = scene.networkOf(source);
  const ofNetwork = network === undefined ? undefined : scene.input.configuration.networks[network.id]?.internet;
  return ofNetwork ?? sender.internet;
}

function toInternet(scene: Scene, id: EgressClassId, packet: Packet, course: Course, from: EndpointId): Way {
  const { egress } = scene.input.configuration;
  const text = formatAddress(packet.destination);
  const object = sourceObject(scene, from);
  const allowed = egress[id]?.destinations.find((prefix) => containsAddress(strictPrefix(prefix), packet.destination));
  if (allowed === undefined) {
    const refused = step('access-policy', 'drop', `internet access is restricted: ${text} is not a trusted destination`, {
      cause: {
        code: 'POL-DENY',
        object,
        facts: { ...ownerFacts(object), destination: text, observation: 'internet access is restricted' },
      },
    });
    return { steps: [refused], next: end('dropped') };
  }
  const candidates = (egress[id]?.candidates ?? []).flatMap((endpoint) => connectorIdOf(endpoint) ?? []);
  if (candidates.length === 0) {
    const none = step('overlay-route', 'drop', 'no network that this traffic may use is an internet gateway', {
      cause: { code: 'IG-NOT-SET', object, facts: { ...ownerFacts(object), destination: text } },
    });
    return { steps: [none], next: end('dropped') };
  }
  return throughPool(scene, `egress:${id}`, candidates, packet, course, {
    route: allowed,
    what: `${text} is in no network: it goes out at an internet gateway`,
    object,
  });
}

function nobodyHas(scene: Scene, destination: Address): Way {
  const text = formatAddress(destination);
  const dropped = step('overlay-route', 'drop', `${text} is in no network, and no device or host has it`, {
    quote: 'unreachable',
    cause: {
      code: 'OVL-NO-NETWORK',
      object: gatewayRef(scene),
      facts: { destination: text, prefix: formatPrefix(hostPrefix(destination)) },
    },
  });
  return { steps: [dropped], next: end('dropped') };
}

function fullMesh(): Step {
  return step('access-policy', 'pass', 'the WPC is a full mesh: everything inside it may speak to everything', {
    quote: 'FULL_MESH',
  });
}

/** unreachable ends the packet at the endpoint that should have it: there is what has to be mended. */
function unreachable(scene: Scene, id: EndpointId, packet: Packet): Next {
  return to(placeOf(id), packet, { kind: 'tunnel', from: here }, [notAttached(scene, id)]);
}

/** notAttached tells a connector that is down, and why, from a device that its person has not connected. */
function notAttached(scene: Scene, id: EndpointId): Step {
  const name = endpointLabel(scene, id);
  const connector = connectorIdOf(id);
  const object = connector === undefined ? ({ kind: 'device', id, label: name } as const) : connectorRef(scene, connector);
  if (scene.endpoint(id)?.admission === 'suspended') {
    return step('access-policy', 'drop', `${name} is suspended`, {
      cause: { code: 'POL-DENY', object, facts: { observation: 'it is suspended' } },
    });
  }
  const cause = connector === undefined ? ({ code: 'CLI-OFFLINE', object, facts: {} } as const) : offlineCause(scene, connector);
  return step('tunnel-rx', 'drop', `${name} is not connected`, { ...seen(scene), cause });
}

function seen(scene: Scene) {
  return { evidence: 'observed', observedAt: scene.input.observed.gateway.reportedAt } as const;
}

function gatewayRef(scene: Scene): Cause['object'] {
  return { kind: 'gateway', id: scene.input.configuration.gateway.id, label: 'gateway' };
}

/** Whose setting decides about the internet: the group of a device, the network of a connector. */
function sourceObject(scene: Scene, from: EndpointId): Cause['object'] {
  const connector = connectorIdOf(from);
  if (connector !== undefined) {
    const site = scene.connector(connector)?.site;
    return site?.kind === 'network' ? networkRef(scene, site.id) : connectorRef(scene, connector);
  }
  const group = scene.device(from.slice('device:'.length) as DeviceId)?.user?.group;
  const found = scene.input.model.userGroups.find(({ id }) => id === group);
  return found === undefined
    ? { kind: 'device', id: from, label: scene.endpoint(from)?.name ?? from }
    : { kind: 'user-group', id: found.id, label: found.name };
}

function ownerFacts({ kind, id, label }: Cause['object']): Facts {
  if (kind === 'user-group') return { userGroupId: id };
  return kind === 'network' ? { networkId: id, networkName: label } : {};
}

function connectorsOf(scene: Scene, network: NetworkId): readonly ConnectorId[] {
  const served = scene.input.configuration.networks[network]?.connectors ?? [];
  return served.flatMap((endpoint) => connectorIdOf(endpoint) ?? []);
}

function coveringPrefix(scene: Scene, network: NetworkId, address: Address): string {
  const own = scene.network(network)?.prefixes ?? [];
  return own.find((text) => containsAddress(strictPrefix(text), address)) ?? formatAddress(address);
}

function connectorIdOf(endpoint: EndpointId): ConnectorId | undefined {
  return endpoint.startsWith('connector:') ? (endpoint.slice('connector:'.length) as ConnectorId) : undefined;
}

function endpointOf(place: Place): EndpointId | undefined {
  return place.kind === 'device' || place.kind === 'connector' ? (`${place.kind}:${place.id}` as EndpointId) : undefined;
}

function placeOf(endpoint: EndpointId): Place {
  const connector = connectorIdOf(endpoint);
  return connector === undefined
    ? { kind: 'device', id: endpoint.slice('device:'.length) as DeviceId }
    : { kind: 'connector', id: connector };
}
