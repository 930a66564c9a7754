import type { NetworkId } from '../../ids.ts';
import type { AddressText } from '../../ip/address.ts';
import { formatAddress, strictAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { Facts } from '../cause.ts';
import { cloudDelivers } from '../cloud/deliver.ts';
import type { Packet } from '../packet.ts';
import type { Arrival, Course, Next, Passage, Place } from '../place.ts';
import { end, to } from '../place.ts';
import { nodeOf } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { inRanges } from '../scene.ts';
import { siteFacts } from '../site-facts.ts';
import { seenCrossing, settledDelivery } from './seen-crossing.ts';
import { machineAt, servingConnector } from './segment.ts';

/** Leaving is what happens at the sender's network card, and where the packet is then. */
export type Leaving = { readonly steps: readonly Step[]; readonly next: Next };

/**
 * intoCloud hands a packet to the cloud of a network, or is undefined where the network is in none that was read. A cloud has no machine in
 * between that could be asked: sender's card, route table and receiver's card are worked out together (cloud/deliver.ts), and told at the hops
 * where they happen.
 */
export function intoCloud(
  scene: Scene,
  network: NetworkId,
  sender: AddressText | null,
  packet: Packet,
  { clouds, direction }: Course,
): Leaving | undefined {
  const state = scene.input.observed.clouds.get(network);
  if (state === undefined || sender === null) return undefined;
  const judged = cloudDelivers(state, {
    packet,
    sender: strictAddress(sender),
    connectors: connectorAddresses(scene, network),
    wanted: wantedAt(scene, network),
    memory: clouds.get(network) ?? new Map(),
  });
  const seen = seenCrossing(scene, network, packet, direction);
  const worked =
    seen === null
      ? judged
      : settledDelivery(judged, seen, receiverOf(scene, network, packet), direction === 'reverse' && !clouds.has(network));
  // What only a probe has shown to cross has left nothing that is known in the filters.
  if (judged.outcome.kind === 'delivered')
    clouds.set(network, new Map([...(clouds.get(network) ?? []), ...judged.outcome.remembered]));
  const { outcome } = worked;
  const facts = siteFacts(scene, network, servingConnector(scene, network), packet);
  const known = (steps: readonly Step[]) => steps.map((each) => withFacts(each, facts));
  const delivery = { ...worked, sender: known(worked.sender), router: known(worked.router), receiver: known(worked.receiver) };
  const endsHere = delivery.router.length === 0 && (outcome.kind === 'dropped' || outcome.kind === 'undetermined');
  if (endsHere) return { steps: delivery.sender, next: end(outcome.kind) };
  return { steps: delivery.sender, next: to({ kind: 'cloud', network, delivery }, packet, { kind: 'internet' }) };
}

/** A packet for the WPC goes to the connector that serves the network. */
function receiverOf(scene: Scene, network: NetworkId, { destination }: Packet): AddressText {
  const serving = inRanges(scene, destination) ? servingConnector(scene, network) : null;
  return (serving === null ? undefined : scene.lan(serving)?.address) ?? formatAddress(destination);
}

/** A cloud knows nothing of the WPC: fixes need the network's name, and the connector's address there. */
function withFacts(step: Step, facts: Facts): Step {
  return step.cause === null ? step : { ...step, cause: { ...step.cause, facts: { ...facts, ...step.cause.facts } } };
}

type CloudPlace = Extract<Place, { kind: 'cloud' }>;

export function passCloud(scene: Scene, place: CloudPlace, { packet }: Arrival): Passage {
  const { router, receiver, outcome } = place.delivery;
  const hop = { node: nodeOf(scene, place), in: null, out: null, steps: router, tutorial: [] };
  switch (outcome.kind) {
    case 'delivered':
      return { hop, next: to(machineAt(scene, place.network, outcome.to), packet, { kind: 'lan', from: place }, receiver) };
    case 'internet':
      return { hop, next: to({ kind: 'internet', address: formatAddress(packet.destination) }, packet, { kind: 'internet' }) };
    case 'elsewhere':
      return { hop, next: end('leaves-known-network') };
    case 'dropped':
    case 'undetermined': {
      if (receiver.length === 0) return { hop, next: end(outcome.kind) };
      // It ends at the card of the machine that should have got it.
      const target = machineAt(scene, place.network, place.delivery.to ?? formatAddress(packet.destination));
      return { hop, next: to(target, packet, { kind: 'lan', from: place }, receiver) };
    }
  }
}

function connectorAddresses(scene: Scene, network: NetworkId) {
  return scene.connectorsOf(network).flatMap(({ id }) => {
    const lan = scene.lan(id);
    return lan === null ? [] : [strictAddress(lan.address)];
  });
}

/** What the cloud's tables should send to a connector: the tunnel range, and what other networks have. */
function wantedAt(scene: Scene, network: NetworkId): readonly PrefixText[] {
  const { model } = scene.input;
  return [...model.tunnelRanges, ...model.networks.filter(({ id }) => id !== network).flatMap(({ prefixes }) => prefixes)];
}
