import type { NetworkId } from '../../ids.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Cause } from '../cause.ts';
import { failingCause, offlineCause } from '../connector-causes.ts';
import type { FindingCode } from '../finding-code.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import type { Out } from '../machine.ts';
import type { Packet } from '../packet.ts';
import type { Arrival, Course, Entrance, Next, Passage, Place } from '../place.ts';
import { end, placeKey, to } from '../place.ts';
import { connectorLabel, connectorRef, nodeOf } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { inRanges, isAttached } from '../scene.ts';
import { packetFacts, siteFacts } from '../site-facts.ts';
import { step } from '../step.ts';
import { intoCloud } from './cloud.ts';
import { absence, staleFlow, tornAddress, unreached, wrongAddress } from './lan-exit.ts';
import { tooLarge } from './mtu-step.ts';
import { isOnLink, onSegment, servingConnector } from './segment.ts';

type ConnectorPlace = Extract<Place, { kind: 'connector' }>;

/**
 * passConnector is the Linux machine of a connector, with what its agent reported: the packet comes by the tunnel or by the LAN, the machine
 * decides (linux-machine.ts), and what leaves by the tunnel reaches the gateway, by another interface the LAN.
 */
export function passConnector(scene: Scene, place: ConnectorPlace, { packet, entrance }: Arrival, course: Course): Passage {
  const machine = scene.machine(place.id);
  const node = nodeOf(scene, place);
  const name = connectorLabel(scene, place.id);
  if (machine === undefined) {
    const stage = entrance.kind === 'made' ? 'originate' : 'forwarding';
    const silent = step(stage, 'unknown', `nothing is known of the machine of ${name}: no agent has reported it`);
    return { hop: { node, in: null, out: null, steps: [silent], tutorial: [] }, next: end('undetermined') };
  }
  const failing = entrance.kind === 'tunnel' ? failingCause(scene, place.id) : undefined;
  if (failing !== undefined) {
    const down = step('tunnel-rx', 'drop', `the tunnel of ${name} comes up and fails again`, { ...machine.seen, cause: failing });
    return { hop: { node, in: null, out: null, steps: [down], tutorial: [] }, next: end('dropped') };
  }
  const iif = interfaceOf(scene, place, machine, entrance);
  const session = course.direction === 'reverse' ? (course.memory.get(placeKey(place)) ?? null) : null;
  const { steps, outcome } = machine.handle({
    packet,
    iif,
    session,
    direction: course.direction,
    blame: blame(scene, place, packet),
  });
  const entered =
    entrance.kind === 'tunnel' ? [step('tunnel-rx', 'pass', `it comes out of the tunnel of ${name}`, machine.seen)] : [];
  const hop = (more: readonly Step[], out: string | null) => ({
    node,
    in: iif,
    out,
    steps: [...entered, ...steps, ...more],
    tutorial: [],
  });
  switch (outcome.kind) {
    case 'dropped':
    case 'undetermined':
      return { hop: hop([], null), next: end(outcome.kind) };
    case 'local': {
      const taken = step(
        'deliver',
        'pass',
        `${formatAddress(outcome.packet.destination)} is an address of ${name} itself`,
        machine.seen,
      );
      return { hop: hop([taken], null), next: end('delivered') };
    }
    case 'out': {
      if (outcome.session !== null && course.direction === 'forward')
        course.memory.set(placeKey(place), { place, ...outcome.session });
      const stale = course.direction === 'forward' ? staleFlow(scene, place, machine, packet, outcome.packet) : [];
      const { more, next } = leave(scene, place, machine, iif, outcome, course);
      return { hop: hop([...stale, ...more], outcome.interface), next };
    }
  }
}

/** Null for what the machine itself sends; where it is not known by which interface the LAN is reached, the machine cannot judge either. */
function interfaceOf(scene: Scene, place: ConnectorPlace, machine: LinuxMachine, entrance: Entrance): string | null {
  switch (entrance.kind) {
    case 'made':
      return null;
    case 'tunnel':
      return machine.tunnel;
    case 'lan':
    case 'internet':
      return scene.lan(place.id)?.interface ?? machine.uplink;
  }
}

type Leaving = { readonly more: readonly Step[]; readonly next: Next };

function leave(
  scene: Scene,
  place: ConnectorPlace,
  machine: LinuxMachine,
  iif: string | null,
  out: Out,
  course: Course,
): Leaving {
  const { packet } = out;
  if (machine.isTunnel(out.interface)) {
    return iif !== null && machine.isTunnel(iif) ? backIntoTunnel(scene, place, machine, out) : intoTunnel(scene, place, packet);
  }
  const network = networkOf(scene, place);
  const wrong = wrongWay(scene, place, machine, out, network, course);
  if (wrong !== undefined) return { more: [wrong], next: end('dropped') };
  if (network === null) {
    // A host's connector: what is not for the tunnel is the host's own.
    return { more: [], next: to({ kind: 'internet', address: formatAddress(packet.destination) }, packet, { kind: 'internet' }) };
  }
  const cloud = intoCloud(scene, network, scene.lan(place.id)?.address ?? null, packet, course);
  if (cloud !== undefined) return { more: cloud.steps, next: cloud.next };
  const target = onSegment(scene, network, out.nextHop, packet.destination);
  const unwelcome = target.kind === 'server' ? wrongAddress(scene, place, machine, network, out) : undefined;
  if (unwelcome !== undefined) return { more: [unwelcome], next: end('dropped') };
  const torn = target.kind === 'server' ? tornAddress(scene, place, network, packet) : undefined;
  if (torn !== undefined) return { more: [], next: to(torn, packet, { kind: 'lan', from: place }) };
  const absent = target.kind === 'server' ? absence(scene, place, machine, out) : unreached(scene, place, network, out);
  if (absent !== undefined) return { more: [absent], next: end('dropped') };
  const large = target.kind === 'server' ? tooLarge(scene, network, place.id, packet) : undefined;
  if (large !== undefined) return { more: [large], next: end('dropped') };
  const met = step('neighbour', 'pass', `${formatAddress(out.nextHop)} is the next machine on ${out.interface}`, machine.seen);
  return { more: [met], next: to(target, packet, { kind: 'lan', from: place }) };
}

/** It came out of the tunnel and would go in again. The gateway believes no such source of a connector, so it does not even go round. */
function backIntoTunnel(scene: Scene, place: ConnectorPlace, machine: LinuxMachine, { packet, interface: oif }: Out): Leaving {
  const facts = { ...packetFacts(packet), connectorId: place.id, interface: oif, tunnelInterface: machine.tunnel };
  const looped = step(
    'route',
    'drop',
    `it sends ${formatAddress(packet.destination)} back into the tunnel out of which it came`,
    {
      ...machine.seen,
      cause: { code: 'EGRESS-LOOP', object: connectorRef(scene, place.id), facts },
    },
  );
  return { more: [looped], next: end('dropped') };
}

function intoTunnel(scene: Scene, place: ConnectorPlace, packet: Packet): Leaving {
  const name = connectorLabel(scene, place.id);
  const at = { evidence: 'observed', observedAt: scene.input.observed.gateway.reportedAt } as const;
  if (!isAttached(scene, `connector:${place.id}`)) {
    const { cause, detail } = downBehind(scene, place, packet);
    return { more: [step('tunnel-tx', 'drop', detail, { ...at, cause })], next: end('dropped') };
  }
  const sent = step('tunnel-tx', 'pass', `into the tunnel of ${name}`, at);
  return { more: [sent], next: to({ kind: 'gateway' }, packet, { kind: 'tunnel', from: place }) };
}

/** The LAN sends to a connector whose tunnel is down: another one has taken over and the LAN does not know, or nobody is there. */
function downBehind(scene: Scene, place: ConnectorPlace, packet: Packet): { readonly cause: Cause; readonly detail: string } {
  const name = connectorLabel(scene, place.id);
  const network = networkOf(scene, place);
  const serving = network === null ? null : servingConnector(scene, network);
  if (network === null || serving === null || serving === place.id || !isAttached(scene, `connector:${serving}`)) {
    return { cause: offlineCause(scene, place.id), detail: `the tunnel of ${name} is not up` };
  }
  const facts = siteFacts(scene, network, serving, packet);
  return {
    cause: { code: 'CON-STALE-HA', object: connectorRef(scene, place.id), facts },
    detail: `the LAN sends to ${name}, whose tunnel is down: ${connectorLabel(scene, serving)} has taken over`,
  };
}

/** The rule that every machine has for its main table. */
const mainRule = /^32766:/;

/** What belongs to the WPC and leaves by another interface than the tunnel: nobody there knows it. */
function wrongWay(
  scene: Scene,
  place: ConnectorPlace,
  machine: LinuxMachine,
  { packet, interface: oif, rule }: Out,
  network: NetworkId | null,
  { direction }: Course,
): Step | undefined {
  const { destination } = packet;
  const owner = scene.networkOf(destination);
  if (!inRanges(scene, destination) && (owner === undefined || owner.id === network)) return undefined;
  if (isOnLink(scene, place.id, destination)) return undefined;
  const code: FindingCode =
    direction === 'forward'
      ? 'CLI-STALE-ROUTES'
      : rule !== null && !mainRule.test(rule)
        ? 'MULTI-NIC-RULES'
        : 'RPF-LOOSE-WRONG-WAY';
  const prefix = owner?.prefixes[0];
  const facts = {
    ...packetFacts(packet),
    interface: oif,
    tunnelInterface: machine.tunnel,
    connectorId: place.id,
    ...(prefix === undefined ? {} : { prefix }),
  };
  return step('route', 'drop', `${formatAddress(destination)} belongs into the tunnel, and it leaves by ${oif}`, {
    ...machine.seen,
    cause: { code, object: connectorRef(scene, place.id), facts },
  });
}

/** blame is what the machine's own decisions are laid at: this connector, with what fixes need. */
function blame(scene: Scene, place: ConnectorPlace, packet: Packet): Pick<Cause, 'object' | 'facts'> {
  const network = networkOf(scene, place);
  const facts =
    network === null
      ? { ...packetFacts(packet), connectorId: place.id, connectorName: connectorLabel(scene, place.id) }
      : siteFacts(scene, network, place.id, packet);
  return { object: connectorRef(scene, place.id), facts };
}

function networkOf(scene: Scene, { id }: ConnectorPlace): NetworkId | null {
  const site = scene.connector(id)?.site;
  return site?.kind === 'network' ? site.id : null;
}
