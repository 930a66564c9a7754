import type { ConnectorId, NetworkId } from '../ids.ts';
import { formatAddress } from '../ip/address.ts';
import type { Packet } from './packet.ts';
import type { ProbeResult } from './probe.ts';
import { routerAddress } from './refs.ts';
import type { Scene } from './scene.ts';

/**
 * LanDiagnosis is what the connector's own question to a server showed, from its LAN address (tracing.md 4, step 1). `there` is a server that
 * exists but whose port cannot be asked (UDP, or only a ping was sent).
 */
export type LanDiagnosis =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'answers' | 'refuses' | 'there' | 'silent' | 'unreachable'; readonly probe: ProbeResult };

export function lanDiagnosis(scene: Scene, connector: ConnectorId, packet: Packet): LanDiagnosis {
  const target = formatAddress(packet.destination);
  const asked = packet.protocol === 'tcp' ? scene.probe(connector, 'lan', target, packet.destinationPort) : undefined;
  const ping = scene.probe(connector, 'lan', target, null);
  if (asked === undefined) {
    if (ping === undefined) return { kind: 'unasked' };
    const answered = packet.protocol === 'icmp' ? 'answers' : 'there';
    return { kind: ping.answer === 'answered' ? answered : failureOf(ping), probe: ping };
  }
  switch (asked.answer) {
    case 'answered':
      return { kind: 'answers', probe: asked };
    case 'refused':
      return { kind: 'refuses', probe: asked };
    case 'unreachable':
    case 'too-big':
    case 'silent':
    case 'not-possible':
      return { kind: failureOf(asked), probe: asked };
  }
}

function failureOf({ answer }: ProbeResult): 'silent' | 'unreachable' {
  return answer === 'unreachable' ? 'unreachable' : 'silent';
}

/**
 * ReturnDiagnosis is what the same question with the tunnel address as source showed (tracing.md 4, steps 2 and 3): `returns`, the answer finds
 * the way back. If it does not, though the server answers its LAN: `half-seen`, it does when the router has seen the question too, so the
 * router drops answers to what it did not see; `no-route`, the router itself answers its LAN and not the tunnel address; `server-only`, the
 * router does answer, so the server drops the question or sends the answer elsewhere; `lost`, nothing tells which.
 */
export type ReturnDiagnosis =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'returns' | 'half-seen' | 'no-route' | 'server-only' | 'lost'; readonly probe: ProbeResult };

export function returnDiagnosis(scene: Scene, connector: ConnectorId, network: NetworkId, packet: Packet): ReturnDiagnosis {
  const target = formatAddress(packet.destination);
  const port = packet.protocol === 'tcp' ? packet.destinationPort : null;
  const overlay = scene.probe(connector, 'overlay', target, port);
  if (overlay === undefined || overlay.answer === 'not-possible') return { kind: 'unasked' };
  if (hasAnswered(overlay)) return { kind: 'returns', probe: overlay };
  const lan = lanDiagnosis(scene, connector, packet);
  if (lan.kind !== 'answers' && lan.kind !== 'refuses' && lan.kind !== 'there') return { kind: 'unasked' };
  const router = routerDiagnosis(scene, connector, network);
  if (router.kind === 'no-route') return { kind: 'no-route', probe: router.probe };
  const through = scene.probe(connector, 'via-router', target, port);
  if (through !== undefined && hasAnswered(through)) return { kind: 'half-seen', probe: through };
  if (router.kind === 'has-route') return { kind: 'server-only', probe: router.probe };
  return { kind: 'lost', probe: overlay };
}

/** RouterDiagnosis is whether the LAN's router knows the way to the tunnel range: it was pinged with a tunnel address and with a LAN address. */
export type RouterDiagnosis =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'has-route' | 'no-route' | 'lost'; readonly probe: ProbeResult };

export function routerDiagnosis(scene: Scene, connector: ConnectorId, network: NetworkId): RouterDiagnosis {
  const router = routerAddress(scene, network);
  if (router === null) return { kind: 'unasked' };
  const overlay = scene.probe(connector, 'overlay', router, null);
  if (overlay === undefined || overlay.answer === 'not-possible') return { kind: 'unasked' };
  if (hasAnswered(overlay)) return { kind: 'has-route', probe: overlay };
  const lan = scene.probe(connector, 'lan', router, null);
  return { kind: lan !== undefined && hasAnswered(lan) ? 'no-route' : 'lost', probe: overlay };
}

export function hasAnswered({ answer }: ProbeResult): boolean {
  return answer === 'answered' || answer === 'refused';
}
