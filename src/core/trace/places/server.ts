import type { ConnectorId } from '../../ids.ts';
import type { Address } from '../../ip/address.ts';
import { formatAddress, strictAddress } from '../../ip/address.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import type { Cause, Facts } from '../cause.ts';
import type { LanDiagnosis } from '../diagnosis.ts';
import { lanDiagnosis, returnDiagnosis } from '../diagnosis.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Packet } from '../packet.ts';
import { answerTo } from '../packet.ts';
import type { Arrival, Course, Next, Passage, Place } from '../place.ts';
import { end, to } from '../place.ts';
import { nodeOf, serverRef } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { inRanges } from '../scene.ts';
import { siteFacts } from '../site-facts.ts';
import type { ServerStatement } from '../statement.ts';
import { probed, step } from '../step.ts';
import { intoCloud } from './cloud.ts';
import { connectorAt, isOnLink, servingConnector } from './segment.ts';

type ServerPlace = Extract<Place, { kind: 'server' }>;

/** passServer is a machine of a site, which reports nothing: what it does was probed, stated, or is what machines usually do. */
export function passServer(scene: Scene, place: ServerPlace, { packet, entrance }: Arrival, course: Course): Passage {
  const node = nodeOf(scene, place);
  const passage = (steps: readonly Step[], next: Next): Passage => ({
    hop: { node, in: null, out: null, steps, tutorial: [] },
    next,
  });
  if (entrance.kind === 'made') {
    const { steps, next } = send(scene, place, packet, course);
    return passage(steps, next);
  }
  if (course.direction === 'reverse') {
    return passage([step('deliver', 'pass', `${place.address} gets the answer that it waits for`)], end('delivered'));
  }
  const taken = take(scene, place, packet);
  return passage([taken], end(taken.result === 'drop' ? 'dropped' : 'delivered'));
}

/** Whether the server takes the packet. Why it does not is told apart by who asked: the LAN, or an address of the WPC. */
function take(scene: Scene, place: ServerPlace, packet: Packet): Step {
  const { address } = place;
  const connector = connectorBehind(scene, place);
  const statement = statementOf(scene, place);
  const blame = (code: FindingCode) => causeOf(scene, place, code, connector, packet);
  const isForeign = !isFromSite(scene, place, packet.source);
  if (statement?.runsTailscale === true && containsAddress(sharedSpace, packet.source)) {
    return step('deliver', 'drop', `${address} runs Tailscale, which drops what comes from 100.64.0.0/10 by another interface`, {
      cause: blame('SRV-TAILSCALE'),
    });
  }
  const admits = statement?.admits ?? null;
  if (admits !== null && !admits.some((prefix) => containsAddress(strictPrefix(prefix), packet.source))) {
    const from = formatAddress(packet.source);
    return step('deliver', 'drop', `the firewall of ${address} admits ${admits.join(', ')}, and not ${from}`, {
      cause: blame('SRV-FIREWALL'),
    });
  }
  const lan: LanDiagnosis = connector === null ? { kind: 'unasked' } : lanDiagnosis(scene, connector, packet);
  if (lan.kind === 'silent' && connector !== null) {
    return step(
      'deliver',
      'drop',
      `${address} is there and does not answer, not even the connector on its own LAN: its firewall drops it`,
      {
        ...probed(lan.probe),
        cause: blame('SRV-FIREWALL'),
      },
    );
  }
  if (isForeign && connector !== null && scene.network(place.network)?.nat === 'routed') {
    const back = returnDiagnosis(scene, connector, place.network, packet);
    if (back.kind === 'server-only' && (statement?.gateway ?? null) === null) {
      return step('deliver', 'drop', `${address} answers its LAN and not the WPC, although the router knows the way back`, {
        ...probed(back.probe),
        cause: blame('SRV-FIREWALL'),
      });
    }
  }
  switch (lan.kind) {
    case 'answers':
      return step('deliver', 'pass', `${address} answers the connector from its LAN address`, probed(lan.probe));
    case 'refuses':
      return step('deliver', 'pass', `${address} is there`, probed(lan.probe));
    case 'there':
      return step('deliver', 'assumed', `${address} answers pings; whether somebody listens cannot be asked`, probed(lan.probe));
    case 'unasked':
    case 'silent':
    case 'unreachable':
      return step('deliver', 'assumed', `${address} is taken to be there and to listen`, { evidence: 'assumed' });
  }
}

/** What a server sends: its answer, or the first packet of a flow that begins here. */
function send(scene: Scene, place: ServerPlace, packet: Packet, course: Course): { steps: readonly Step[]; next: Next } {
  const { direction } = course;
  const { address, network } = place;
  const connector = connectorBehind(scene, place);
  const stage = direction === 'reverse' ? 'reply-originate' : 'originate';
  const refused = direction === 'reverse' && connector !== null ? refusal(scene, place, connector, packet) : undefined;
  if (refused !== undefined) return { steps: [refused], next: end('dropped') };
  const made = step(
    stage,
    'pass',
    `${address} ${direction === 'reverse' ? 'answers' : 'sends'} ${formatAddress(packet.destination)}`,
    {
      packet,
    },
  );
  const cloud = intoCloud(scene, network, address, packet, course);
  if (cloud !== undefined) return { steps: [made, ...cloud.steps], next: cloud.next };
  const neighbour = connector === null ? undefined : directly(scene, place, connector, packet.destination);
  if (neighbour !== undefined) {
    const sent = step('route', 'pass', `${formatAddress(packet.destination)} is on its own LAN: it is sent there directly`);
    return { steps: [made, sent], next: to(neighbour, packet, { kind: 'lan', from: place }) };
  }
  const gateway = statementOf(scene, place)?.gateway ?? null;
  if (gateway !== null && !isDefaultRouter(scene, connector, gateway)) {
    const other = connectorAt(scene, network, gateway);
    if (other !== null) {
      const sent = step('route', 'pass', `its default gateway is the connector, ${gateway}`);
      return { steps: [made, sent], next: to({ kind: 'connector', id: other }, packet, { kind: 'lan', from: place }) };
    }
    const lost = step(
      'route',
      'drop',
      `its default gateway is ${gateway}, another router, which does not send the answer to the connector`,
      {
        cause: causeOf(scene, place, 'SRV-WRONG-GW', connector, answerTo(packet), { nextHop: gateway }),
      },
    );
    return { steps: [made, lost], next: end('dropped') };
  }
  const sent = step('route', 'assumed', 'it has no route of its own for that: it hands it to its default router', {
    evidence: 'assumed',
  });
  return { steps: [made, sent], next: to({ kind: 'router', network }, packet, { kind: 'lan', from: place }) };
}

function refusal(scene: Scene, place: ServerPlace, connector: ConnectorId, answer: Packet): Step | undefined {
  const lan = lanDiagnosis(scene, connector, answerTo(answer));
  if (lan.kind !== 'refuses') return undefined;
  const port = String(answer.sourcePort);
  return step('reply-originate', 'drop', `${place.address} refuses: nobody listens at port ${port}`, {
    ...probed(lan.probe),
    cause: causeOf(scene, place, 'SRV-NO-LISTENER', connector, answerTo(answer)),
  });
}

function directly(scene: Scene, place: ServerPlace, connector: ConnectorId, destination: Address): Place | undefined {
  if (!isOnLink(scene, connector, destination) || !isOnLink(scene, connector, strictAddress(place.address))) return undefined;
  const other = connectorAt(scene, place.network, formatAddress(destination));
  if (other !== null) return { kind: 'connector', id: other };
  return { kind: 'server', network: place.network, address: formatAddress(destination) };
}

function isDefaultRouter(scene: Scene, connector: ConnectorId | null, gateway: string): boolean {
  return connector !== null && scene.lan(connector)?.router === gateway;
}

/** connectorBehind is the connector that can ask this server. */
function connectorBehind(scene: Scene, { network }: ServerPlace): ConnectorId | null {
  return servingConnector(scene, network);
}

function isFromSite(scene: Scene, { network }: ServerPlace, source: Address): boolean {
  if (inRanges(scene, source)) return false;
  const owner = scene.networkOf(source);
  return owner === undefined || owner.id === network;
}

function statementOf(scene: Scene, place: ServerPlace): ServerStatement | undefined {
  return scene.statement(place.network).servers.find(({ address }) => address === place.address);
}

const sharedSpace = strictPrefix('100.64.0.0/10');

/** Facts are told in the direction of the question, whichever packet it was met with. */
function causeOf(
  scene: Scene,
  { address, network }: ServerPlace,
  code: FindingCode,
  connector: ConnectorId | null,
  question: Packet,
  more: Facts = {},
): Cause {
  return { code, object: serverRef(address), facts: { ...siteFacts(scene, network, connector, question), ...more } };
}
