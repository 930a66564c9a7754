import type { ConnectorId } from '../../ids.ts';
import { formatAddress } from '../../ip/address.ts';
import { containsAddress, hostPrefix, formatPrefix, strictPrefix } from '../../ip/prefix.ts';
import { isPlatformId, platformOf } from '../../platforms/catalogue.ts';
import type { Cause } from '../cause.ts';
import { returnDiagnosis } from '../diagnosis.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Packet } from '../packet.ts';
import { answerTo } from '../packet.ts';
import type { Arrival, Course, Next, Passage, Place } from '../place.ts';
import { end, placeKey, to } from '../place.ts';
import type { ProbeResult } from '../probe.ts';
import { connectorLabel, nodeOf, routerRef } from '../refs.ts';
import type { Step } from '../result.ts';
import type { RouterRoute } from '../router-route.ts';
import { routerRoute } from '../router-route.ts';
import type { Scene } from '../scene.ts';
import { inRanges } from '../scene.ts';
import { siteFacts } from '../site-facts.ts';
import { probed, step } from '../step.ts';
import { isPrivate } from './device.ts';
import { tooLarge } from './mtu-step.ts';
import { isOnLink, machineAt, servingConnector } from './segment.ts';

type RouterPlace = Extract<Place, { kind: 'router' }>;
type Way = { readonly steps: readonly Step[]; readonly next: Next };

/**
 * passRouter is the LAN's router, which is not ours: it does what the operator stated, what probes showed, and what is neither is unknown.
 * In the way of a flow of a device it is met only by answers, since the connector reaches the servers without it.
 */
export function passRouter(scene: Scene, place: RouterPlace, arrival: Arrival, course: Course): Passage {
  const { steps, next } = wayOf(scene, place, arrival, course);
  return { hop: { node: nodeOf(scene, place), in: null, out: null, steps, tutorial: [] }, next };
}

function wayOf(scene: Scene, place: RouterPlace, arrival: Arrival, course: Course): Way {
  const { packet, entrance } = arrival;
  const { destination } = packet;
  const key = placeKey(place);
  const serving = servingConnector(scene, place.network);
  const entered =
    entrance.kind === 'internet'
      ? [
          step('nat', 'assumed', `it puts ${formatAddress(destination)} back as destination, as it hid it on the way out`, {
            evidence: 'assumed',
          }),
        ]
      : [];
  const owner = scene.networkOf(destination);
  if (owner?.id === place.network || isNeighbour(scene, serving, packet)) {
    const sent = step('route', 'assumed', `${formatAddress(destination)} is on its own side`, { evidence: 'assumed' });
    const large =
      serving === null || course.direction === 'reverse' ? undefined : tooLarge(scene, place.network, serving, packet);
    if (large !== undefined) return { steps: [...entered, sent, large], next: end('dropped') };
    if (course.direction === 'forward') course.memory.set(key, { place, original: packet, reply: answerTo(packet) });
    return { steps: [...entered, sent], next: insideSite(scene, place, packet) };
  }
  if (owner === undefined && !inRanges(scene, destination)) return toInternet(scene, place, packet, course, serving);
  if (serving === null) return nowhere('nobody serves its network, so there is no connector to send to');
  const route = routerRoute(scene, place.network, serving, destination);
  const way = byRoute(scene, place, packet, route, serving);
  if (way.next.kind === 'end') return { steps: [...entered, ...way.steps], next: way.next };
  const half = halfSeen(scene, place, arrival, course, serving);
  if (half !== undefined) return { steps: [...entered, ...way.steps, half], next: end('dropped') };
  if (course.direction === 'forward') course.memory.set(key, { place, original: packet, reply: answerTo(packet) });
  return { steps: [...entered, ...way.steps], next: way.next };
}

function byRoute(scene: Scene, place: RouterPlace, packet: Packet, route: RouterRoute, serving: ConnectorId): Way {
  const text = formatAddress(packet.destination);
  switch (route.kind) {
    case 'connector': {
      const evidence = route.probe === null ? { quote: route.quote } : probed(route.probe);
      const name = connectorLabel(scene, route.id);
      const sent = step('route', 'pass', `it sends ${text} to ${name}`, evidence);
      return { steps: [sent], next: to({ kind: 'connector', id: route.id }, packet, { kind: 'lan', from: place }) };
    }
    case 'elsewhere': {
      const wrong = step(
        'route',
        'drop',
        `its route for ${text} leads to ${route.nextHop}, which is no connector of this network`,
        {
          quote: route.quote,
          cause: causeOf(scene, place, packet, noRouteCode(scene, place, packet, true), serving),
        },
      );
      return { steps: [wrong], next: end('dropped') };
    }
    case 'none':
      return withoutRoute(scene, place, packet, route, serving);
    case 'unknown': {
      const code = noRouteCode(scene, place, packet, false);
      const open = step('route', code === 'RANGE-UNROUTABLE' ? 'drop' : 'unknown', unknownDetail(text, code), {
        cause: causeOf(scene, place, packet, code, serving),
      });
      return { steps: [open], next: end(code === 'RANGE-UNROUTABLE' ? 'dropped' : 'undetermined') };
    }
  }
}

function unknownDetail(text: string, code: FindingCode): string {
  return code === 'RANGE-UNROUTABLE'
    ? `the platform takes no route for ${text}`
    : `nobody has said whether it has a route for ${text}, and no packet has shown it`;
}

function withoutRoute(
  scene: Scene,
  place: RouterPlace,
  packet: Packet,
  { probe, isStated, contradicts }: Extract<RouterRoute, { kind: 'none' }>,
  serving: ConnectorId,
): Way {
  const text = formatAddress(packet.destination);
  const says = contradicts ? ', although the route was stated' : '';
  const dropped = step('route', 'drop', `it has no route for ${text}${says}: it drops the packet or hands it to the internet`, {
    ...(probe === null ? {} : probed(probe)),
    cause: causeOf(scene, place, packet, noRouteCode(scene, place, packet, isStated), serving),
  });
  return { steps: [dropped], next: end('dropped') };
}

/**
 * noRouteCode tells the entries of the catalogue apart that all mean "no way back": a platform that takes no such route; a cloud's table; a
 * route for another site, where one way alone works; a router that the operator has said to use static routes; and neither NAT nor route.
 */
function noRouteCode(scene: Scene, place: RouterPlace, { destination }: Packet, isStated: boolean): FindingCode {
  const platform = scene.input.observed.platforms.get(place.network)?.platform;
  if (platform !== undefined && isPlatformId(platform)) {
    const { refuses, kind } = platformOf(platform);
    const wanted = scene.ranges.find((range) => containsAddress(range, destination)) ?? hostPrefix(destination);
    if (wanted.family === 4 && refuses?.(wanted) !== undefined) return 'RANGE-UNROUTABLE';
    if (kind === 'cloud') return 'VPC-NO-ROUTE';
  }
  const site = inRanges(scene, destination) ? undefined : scene.networkOf(destination);
  if (site !== undefined) {
    const knowsRange = scene
      .statement(place.network)
      .router?.routes?.some((route) => scene.ranges.some((range) => formatPrefix(range) === route.destination));
    return knowsRange === true ? 'SITE-ROUTE-ONE-WAY' : 'RTR-NO-ROUTE';
  }
  return isStated ? 'RTR-NO-ROUTE' : 'NAT-OFF-NO-ROUTE';
}

/** A router that keeps state and sees one direction only: answers that it did not see the question of, or questions whose answers go past it. */
function halfSeen(scene: Scene, place: RouterPlace, arrival: Arrival, course: Course, serving: ConnectorId): Step | undefined {
  const { packet, entrance } = arrival;
  if (entrance.kind === 'internet' || packet.protocol === 'udp') return undefined;
  const router = scene.statement(place.network).router;
  const seen = course.memory.has(placeKey(place));
  const code: FindingCode = router?.redirects === true ? 'RTR-REDIRECT' : 'RTR-STATEFUL';
  const cause = causeOf(scene, place, packet, code, serving);
  if (course.direction === 'reverse') {
    if (seen) return undefined;
    const proof = halfSeenProof(scene, place, packet, serving);
    if (proof === null && router?.stateful !== true) return undefined;
    return step('session', 'drop', 'it keeps state and has not seen the beginning of this flow: it drops the answer', {
      ...(proof === null ? {} : probed(proof)),
      cause,
    });
  }
  if (router?.stateful !== true || !isOnLink(scene, serving, packet.source)) return undefined;
  return step(
    'session',
    'drop',
    'it keeps state and will not see the answers, which the connector hands to the LAN: it drops what follows',
    {
      cause,
    },
  );
}

function halfSeenProof(scene: Scene, place: RouterPlace, answer: Packet, serving: ConnectorId): ProbeResult | null {
  const back = returnDiagnosis(scene, serving, place.network, answerTo(answer));
  return back.kind === 'half-seen' ? back.probe : null;
}

/** Towards the internet: whose source is hidden behind the router's public address decides. */
function toInternet(scene: Scene, place: RouterPlace, packet: Packet, course: Course, serving: ConnectorId | null): Way {
  const { source, destination } = packet;
  if (isPrivate(destination)) {
    const lost = step('route', 'unknown', `it has a route for ${formatAddress(destination)}, or none: nobody has said`);
    return { steps: [lost], next: end('undetermined') };
  }
  const stated = scene.statement(place.network).router?.natSources ?? null;
  const isOwn = scene.networkOf(source)?.id === place.network || isNeighbour(scene, serving, answerTo(packet));
  const edge = scene.input.supposed?.edge;
  const supposed = edge?.network === place.network ? edge.hides === 'all' || isOwn : undefined;
  const hides =
    supposed ??
    (stated === null ? (isOwn ? 'assumed' : 'unknown') : stated.some((text) => containsAddress(strictPrefix(text), source)));
  course.memory.set(placeKey(place), { place, original: packet, reply: answerTo(packet) });
  const next = to({ kind: 'internet', address: formatAddress(destination) }, packet, { kind: 'internet' });
  const text = formatAddress(source);
  if (hides === true) return { steps: [step('nat', 'pass', `it hides ${text} behind its public address`)], next };
  if (hides === 'assumed') {
    const usual = step('nat', 'assumed', `it hides ${text}, an address of its own LAN, behind its public address`, {
      evidence: 'assumed',
    });
    return { steps: [usual], next };
  }
  const cause = causeOf(scene, place, packet, 'NAT-EDGE-SCOPE', serving);
  if (hides === 'unknown') {
    const open = step('nat', 'unknown', `nobody has said whether it also hides ${text}, which is none of its LAN`, { cause });
    return { steps: [open], next: end('undetermined') };
  }
  const bare = step(
    'nat',
    'drop',
    `it hides ${supposed === undefined ? (stated ?? []).join(', ') : 'the addresses of its own LAN'} and not ${text}: no answer finds back`,
    {
      cause,
    },
  );
  return { steps: [bare], next: end('dropped') };
}

function insideSite(scene: Scene, place: RouterPlace, packet: Packet): Next {
  return to(machineAt(scene, place.network, formatAddress(packet.destination)), packet, { kind: 'lan', from: place });
}

/** Addresses of the connector's LAN need not be of the network's prefixes: a connector may stand in a transfer network. */
function isNeighbour(scene: Scene, serving: ConnectorId | null, { destination }: Packet): boolean {
  return serving !== null && isOnLink(scene, serving, destination);
}

function nowhere(detail: string): Way {
  return { steps: [step('route', 'unknown', detail)], next: end('undetermined') };
}

function causeOf(scene: Scene, place: RouterPlace, packet: Packet, code: FindingCode, serving: ConnectorId | null): Cause {
  const range = scene.ranges.find((each) => containsAddress(each, packet.destination));
  const site = scene
    .networkOf(packet.destination)
    ?.prefixes.find((text) => containsAddress(strictPrefix(text), packet.destination));
  const prefix = range === undefined ? site : formatPrefix(range);
  return {
    code,
    object: routerRef(scene, place.network),
    facts: { ...siteFacts(scene, place.network, serving, packet), ...(prefix === undefined ? {} : { prefix }) },
  };
}
