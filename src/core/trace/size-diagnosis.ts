import type { ConnectorId } from '../ids.ts';
import { formatAddress } from '../ip/address.ts';
import { hasAnswered, lanDiagnosis } from './diagnosis.ts';
import type { Packet } from './packet.ts';
import type { ProbeQuestion, ProbeResult } from './probe.ts';
import type { Scene } from './scene.ts';

/** SizeDiagnosis is what pings that may not be cut showed beside a small one (tracing.md 2.8). `fits` is the largest that was answered; null: none was. */
export type SizeDiagnosis =
  | { readonly kind: 'unasked' | 'fits' }
  | { readonly kind: 'too-big'; readonly probe: ProbeResult; readonly fits: number | null };

/** sizeDiagnosis is about the way from a connector to a server. A large one that is lost says something only where small ones are not. */
export function sizeDiagnosis(scene: Scene, connector: ConnectorId, packet: Packet): SizeDiagnosis {
  const asked = scene
    .sizeProbes(connector, formatAddress(packet.destination))
    .filter(({ answer }) => answer !== 'not-possible')
    .toSorted((a, b) => sizeOf(a) - sizeOf(b));
  const answered = asked.findLast(hasAnswered);
  const lost = asked.find((probe) => !hasAnswered(probe));
  if (answered !== undefined && sizeOf(answered) >= packet.bytes) return { kind: 'fits' };
  if (lost === undefined || sizeOf(lost) > packet.bytes) return { kind: 'unasked' };
  const { kind } = lanDiagnosis(scene, connector, packet);
  const isThere = kind === 'answers' || kind === 'refuses' || kind === 'there';
  return isThere ? { kind: 'too-big', probe: lost, fits: answered === undefined ? null : sizeOf(answered) } : { kind: 'unasked' };
}

function sizeOf({ question }: ProbeResult): number {
  return question.bytes ?? 0;
}

/** Path MTUs that are met: IPv6's least, tunnels of several kinds, PPPoE, clouds; and what every machine takes (RFC 791). */
const usualSizes = [576, 1280, 1360, 1380, 1400, 1420, 1440, 1460, 1492];

/** Of a batch; the agent takes no more, and the large ones tell most. */
const mostSizes = 6;

/**
 * sizeQuestions are what has to be asked about the size of a packet: first its own, and, where that is lost, smaller ones, so that the largest
 * that fits is known and can be written into a rule. None for packets that may be cut, which pass everywhere.
 */
export function sizeQuestions(scene: Scene, connector: ConnectorId, packet: Packet): readonly ProbeQuestion[] {
  if (!packet.dontFragment) return [];
  const target = formatAddress(packet.destination);
  const known = scene.sizeProbes(connector, target);
  const ask = (bytes: number): ProbeQuestion => ({ kind: 'lan', protocol: 'icmp', target, port: null, bytes });
  if (known.length === 0) return [ask(packet.bytes)];
  if (known.length > 1 || sizeDiagnosis(scene, connector, packet).kind !== 'too-big') return [];
  return usualSizes
    .filter((bytes) => bytes < packet.bytes)
    .slice(-mostSizes)
    .map(ask);
}
