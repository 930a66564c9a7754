import type { NetworkId } from '../../ids.ts';
import type { Address } from '../../ip/address.ts';
import { equalAddress, formatAddress } from '../../ip/address.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import type { Cause } from '../cause.ts';
import { lanDiagnosis } from '../diagnosis.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import type { Out } from '../machine.ts';
import { neighbourChange } from '../neighbour-change.ts';
import type { Packet } from '../packet.ts';
import type { Place } from '../place.ts';
import { connectorLabel, connectorRef } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { packetFacts, siteFacts } from '../site-facts.ts';
import { probed, step } from '../step.ts';
import { unrepliedFlow } from '../unreplied-flow.ts';

type ConnectorPlace = Extract<Place, { kind: 'connector' }>;

/** NAT is there, and a flow between the same two that began without it is still tracked as it began: it goes on failing, new ones work. */
export function staleFlow(
  scene: Scene,
  place: ConnectorPlace,
  machine: LinuxMachine,
  before: Packet,
  after: Packet,
): readonly Step[] {
  if (equalAddress(before.source, after.source)) return [];
  const quote = unrepliedFlow(scene.input.observed.machines.get(place.id), before);
  if (quote === undefined) return [];
  const cause: Cause = {
    code: 'NAT-STALE-CT',
    object: connectorRef(scene, place.id),
    facts: { ...packetFacts(before), connectorId: place.id, connectorName: connectorLabel(scene, place.id), observation: quote },
  };
  const told = `a flow from ${formatAddress(before.source)} that began without NAT is tracked without it: it goes on failing until it is forgotten`;
  return [step('session', 'pass', told, { ...machine.seen, quote, cause })];
}

/** The server's filter admits an address of this machine, and NAT has taken another one. */
export function wrongAddress(
  scene: Scene,
  place: ConnectorPlace,
  machine: LinuxMachine,
  network: NetworkId,
  { packet, interface: oif }: Out,
): Step | undefined {
  const server = formatAddress(packet.destination);
  const admits = scene.statement(network).servers.find(({ address }) => address === server)?.admits ?? null;
  const own = machine.host.interfaces.known ? (machine.host.interfaces.value.get(oif)?.addresses ?? []) : [];
  const isAdmitted = (address: Address) => admits?.some((prefix) => containsAddress(strictPrefix(prefix), address)) ?? true;
  const taken = own.find(({ address }) => equalAddress(address, packet.source));
  const right = own.find(({ address }) => isAdmitted(address));
  if (admits === null || taken === undefined || right === undefined || isAdmitted(packet.source)) return undefined;
  const wanted = formatAddress(right.address);
  return step('nat', 'drop', `${server} admits ${wanted}, and NAT takes ${formatAddress(packet.source)}`, {
    cause: {
      code: 'NAT-SOURCE-IP',
      object: connectorRef(scene, place.id),
      facts: { ...siteFacts(scene, network, place.id, packet), interface: oif, value: formatAddress(packet.source), wanted },
    },
  });
}

/** Another machine answers for the server's address since a moment, and does not do what the server did. */
export function tornAddress(scene: Scene, place: ConnectorPlace, network: NetworkId, packet: Packet): Place | undefined {
  const { kind } = lanDiagnosis(scene, place.id, packet);
  if (kind !== 'refuses' && kind !== 'silent' && kind !== 'unreachable') return undefined;
  const address = formatAddress(packet.destination);
  const change = neighbourChange(scene.input.observed.machines.get(place.id), address);
  return change === undefined ? undefined : { kind: 'lan', network, address, change };
}

/** The machine that the packet is for does not answer on the segment: only what was asked just now counts, an old entry of ARP does not. */
export function absence(
  scene: Scene,
  place: ConnectorPlace,
  machine: LinuxMachine,
  { packet, nextHop, interface: oif }: Out,
): Step | undefined {
  const lan = lanDiagnosis(scene, place.id, packet);
  if (lan.kind !== 'silent' && lan.kind !== 'unreachable') return undefined;
  const neighbour = machine.neighbour(oif, nextHop);
  if (lan.kind === 'silent' && neighbour.kind !== 'failed') return undefined;
  const text = formatAddress(nextHop);
  return step('neighbour', 'drop', `${text} does not answer on ${oif}: nobody has that address, or it is switched off`, {
    ...probed(lan.probe),
    cause: {
      code: 'NEIGH-FAIL',
      object: { kind: 'server', id: text, label: text },
      facts: {
        ...packetFacts(packet),
        interface: oif,
        nextHop: text,
        ...(neighbour.kind === 'failed' ? { observation: neighbour.quote } : {}),
      },
    },
  });
}

/** Behind another router of the site, by the default route only, and the connector cannot reach it itself: it lacks the route to that router. */
export function unreached(scene: Scene, place: ConnectorPlace, network: NetworkId, { packet, nextHop }: Out): Step | undefined {
  if (scene.networkOf(packet.destination)?.id !== network) return undefined;
  const lan = lanDiagnosis(scene, place.id, packet);
  if (lan.kind !== 'silent' && lan.kind !== 'unreachable') return undefined;
  const text = formatAddress(packet.destination);
  return step('route', 'drop', `${text} is not on its LAN, and the router ${formatAddress(nextHop)} does not reach it`, {
    ...probed(lan.probe),
    cause: {
      code: 'IF-MISSING-ROUTE',
      object: connectorRef(scene, place.id),
      facts: { ...siteFacts(scene, network, place.id, packet), nextHop: formatAddress(nextHop) },
    },
  });
}
