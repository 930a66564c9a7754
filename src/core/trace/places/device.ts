/**
 * src/core/trace/places is what happens to a packet at each kind of machine that a flow meets: the device, the gateway, a connector, and what
 * of a site is not ours. Each file gives the hop of one arrival, and where the packet goes from there (../walk.ts walks). Tests: beside
 * ../check-flow.ts, by whole flows.
 *
 * This file: a person's end device. Nothing is reported by it: what it does follows from what the gateway pushed.
 */
import type { DeviceEndpoint } from '../../gateway-configuration.ts';
import type { Address } from '../../ip/address.ts';
import { formatAddress, strictAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { containsAddress, formatPrefix, hostPrefix, strictPrefix } from '../../ip/prefix.ts';
import { PrefixTrie } from '../../ip/trie.ts';
import { pushedRoutes, routedWpc } from '../../pushed-routes.ts';
import type { Packet } from '../packet.ts';
import type { Arrival, Course, Next, Passage, Place } from '../place.ts';
import { end, to } from '../place.ts';
import { deviceLabel, deviceRef, nodeOf } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { step } from '../step.ts';

type DevicePlace = Extract<Place, { kind: 'device' }>;

export function passDevice(scene: Scene, place: DevicePlace, { packet, entrance }: Arrival, { direction }: Course): Passage {
  const name = deviceLabel(scene, place.id);
  if (entrance.kind !== 'made') {
    const detail =
      direction === 'reverse'
        ? `${name} gets the answer that it waits for`
        : `${name} takes what comes out of its tunnel; its own firewall cannot be asked`;
    const taken = step('deliver', direction === 'reverse' ? 'pass' : 'assumed', detail, {
      evidence: direction === 'reverse' ? 'config' : 'assumed',
    });
    const entered = entrance.kind === 'tunnel' ? [tunnelReceives(scene, place)] : [];
    const side = entrance.kind === 'tunnel' ? 'tunnel' : 'own line';
    return { hop: hop(scene, place, [...entered, taken], side, null), next: end('delivered') };
  }
  const made = step(
    direction === 'reverse' ? 'reply-originate' : 'originate',
    'pass',
    `${name} ${direction === 'reverse' ? 'answers from' : 'sends from its tunnel address'} ${formatAddress(packet.source)}`,
    { packet },
  );
  const { steps, next, leavesBy } = routeOut(scene, place, packet.destination);
  return {
    hop: hop(scene, place, [made, ...steps], null, leavesBy),
    next: next ?? onwards(place, packet, leavesBy),
  };
}

function onwards(place: DevicePlace, packet: Packet, leavesBy: string | null): Next {
  if (leavesBy === 'tunnel') return to({ kind: 'gateway' }, packet, { kind: 'tunnel', from: place });
  return to({ kind: 'internet', address: formatAddress(packet.destination) }, packet, { kind: 'internet' });
}

type Way = { readonly steps: readonly Step[]; readonly next: Next | null; readonly leavesBy: string | null };

function routeOut(scene: Scene, place: DevicePlace, destination: Address): Way {
  const endpoint = deviceEndpoint(scene, place);
  if (endpoint === undefined) {
    // The device's region has no gateway here.
    const missing = step('client-route', 'unknown', 'no gateway that is known here serves this device');
    return { steps: [missing], next: end('undetermined'), leavesBy: null };
  }
  const sent = clientRoute(scene, endpoint, destination);
  if (sent === undefined) return leavesPast(scene, place, destination);
  // Clients report nothing of their routes, filters and LANs: one that ignores the push looks like any other.
  const routed = step('client-route', 'assumed', sent.why, { evidence: 'assumed', quote: sent.route });
  const offline = offlineStep(scene, place, endpoint);
  if (offline !== undefined) return { steps: [routed, offline], next: end('dropped'), leavesBy: 'tunnel' };
  const attachment = scene.input.observed.attached.get(`device:${place.id}`);
  const sends = step('tunnel-tx', 'pass', `its tunnel is up since ${attachment?.since ?? 'now'}`, {
    evidence: 'observed',
    observedAt: scene.input.observed.gateway.reportedAt,
  });
  return { steps: [routed, sends], next: null, leavesBy: 'tunnel' };
}

/** A device that may not connect is stopped by the gateway, where the reason is; here it only is not connected. */
function offlineStep(scene: Scene, place: DevicePlace, endpoint: DeviceEndpoint): Step | undefined {
  if (scene.input.observed.attached.has(`device:${place.id}`)) return undefined;
  const at = { evidence: 'observed', observedAt: scene.input.observed.gateway.reportedAt } as const;
  const object = deviceRef(scene, place.id);
  if (endpoint.admission === 'suspended') {
    const user = scene.device(place.id)?.user;
    const blamed = user === undefined ? object : ({ kind: 'user', id: user.id, label: user.name } as const);
    return step(
      'access-policy',
      'drop',
      `the gateway does not let ${deviceLabel(scene, place.id)} connect: its user is suspended`,
      {
        cause: { code: 'POL-DENY', object: blamed, facts: { observation: 'the user is suspended' } },
      },
    );
  }
  return step('tunnel-tx', 'drop', `${deviceLabel(scene, place.id)} is not connected to the WPC`, {
    ...at,
    cause: { code: 'CLI-OFFLINE', object, facts: {} },
  });
}

/** clientRoute is the route that leads a destination into the device's tunnel, as far as what was pushed says; undefined: none does. */
function clientRoute(
  scene: Scene,
  { internet }: DeviceEndpoint,
  destination: Address,
): { readonly route: string; readonly why: string } | undefined {
  const found = pushedTo(scene).lookup(destination);
  if (found !== undefined) return { route: found.value, why: `the pushed route ${found.value} leads into the tunnel` };
  if (internet.kind === 'local') return undefined;
  const bypassed = internet.bypass.find((text) => containsAddress(strictPrefix(text), destination));
  if (bypassed !== undefined) return undefined;
  const isGateway = scene.input.configuration.gateway.publicAddresses.some(
    (text) => formatAddress(destination) === formatAddress(strictAddress(text)),
  );
  if (isGateway) return undefined;
  return { route: '0.0.0.0/1, 128.0.0.0/1', why: 'split tunnel is off: everything goes into the tunnel' };
}

const pushedOf = new WeakMap<Scene, PrefixTrie<PrefixText>>();

/** All devices of a gateway are pushed the same prefixes. */
function pushedTo(scene: Scene): PrefixTrie<PrefixText> {
  const known = pushedOf.get(scene);
  if (known !== undefined) return known;
  const pushed = new PrefixTrie(
    pushedRoutes(routedWpc(scene.input.configuration), null).map((text) => [strictPrefix(text), text] as const),
  );
  pushedOf.set(scene, pushed);
  return pushed;
}

/** The packet goes out by the device's own line: right for the internet with split tunnel on, and the end for private addresses. */
function leavesPast(scene: Scene, place: DevicePlace, destination: Address): Way {
  const text = formatAddress(destination);
  if (!isPrivate(destination)) {
    const past = step('client-route', 'pass', `no pushed route has ${text}: it goes by the device's own line, past the WPC`);
    return { steps: [past], next: null, leavesBy: 'own line' };
  }
  const lost = step(
    'client-route',
    'drop',
    `no pushed route has ${text}: the packet goes to the device's own router, which has no way to it`,
    {
      cause: {
        code: 'CLI-NO-ROUTE',
        object: deviceRef(scene, place.id),
        facts: { destination: text, prefix: formatPrefix(hostPrefix(destination)) },
      },
    },
  );
  return { steps: [lost], next: end('dropped'), leavesBy: 'own line' };
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', 'fc00::/7'].map(
  strictPrefix,
);

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193: nothing on the internet has these. */
export function isPrivate(address: Address): boolean {
  return privateRanges.some((range) => containsAddress(range, address));
}

function tunnelReceives(scene: Scene, place: DevicePlace): Step {
  return step('tunnel-rx', 'pass', `it comes out of the tunnel of ${deviceLabel(scene, place.id)}`);
}

function deviceEndpoint(scene: Scene, { id }: DevicePlace): DeviceEndpoint | undefined {
  const endpoint = scene.endpoint(`device:${id}`);
  return endpoint?.kind === 'device' ? endpoint : undefined;
}

function hop(
  scene: Scene,
  place: DevicePlace,
  steps: readonly Step[],
  entered: string | null,
  left: string | null,
): Passage['hop'] {
  return { node: nodeOf(scene, place), in: entered, out: left, steps, tutorial: [] };
}
