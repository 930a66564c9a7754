import type { NetworkId } from '../../ids.ts';
import type { AddressText } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Delivery } from '../cloud/crossing.ts';
import { lanDiagnosis, returnDiagnosis } from '../diagnosis.ts';
import type { Packet } from '../packet.ts';
import { answerTo } from '../packet.ts';
import type { ProbeResult } from '../probe.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { inRanges } from '../scene.ts';
import { probed, step } from '../step.ts';
import type { Direction } from '../words.ts';
import { servingConnector } from './segment.ts';

/**
 * seenCrossing is the connector's own question that crossed a network's cloud like this packet, from the same kind of source, and was answered.
 * Null where none was, or where the flow is begun by the server: filters may let one way begin and not the other.
 */
export function seenCrossing(scene: Scene, network: NetworkId, packet: Packet, direction: Direction): ProbeResult | null {
  const connector = servingConnector(scene, network);
  if (connector === null) return null;
  const asked = direction === 'forward' ? packet : answerTo(packet);
  if (formatAddress(asked.source) === scene.lan(connector)?.address) {
    const lan = lanDiagnosis(scene, connector, asked);
    return lan.kind === 'answers' || lan.kind === 'refuses' ? lan.probe : null;
  }
  if (!inRanges(scene, asked.source)) return null;
  const back = returnDiagnosis(scene, connector, network, asked);
  return back.kind === 'returns' ? back.probe : null;
}

/**
 * settledDelivery is a delivery to `to` with what the probe has settled: what was not read is known by it, and a drop that was read is
 * refuted where the probe would have met it too, since packets decide and a reading may be hours old. `isUnremembered` is an answer of a flow
 * whose beginning could not be judged: what filters would do with it cannot be either, so nothing but the probe is told.
 */
export function settledDelivery(delivery: Delivery, probe: ProbeResult, to: AddressText, isUnremembered: boolean): Delivery {
  const { outcome } = delivery;
  if (outcome.kind === 'internet' || outcome.kind === 'elsewhere') return delivery;
  if (!isUnremembered && [...delivery.sender, ...delivery.router, ...delivery.receiver].some((each) => stands(each, probe)))
    return delivery;
  const crossed = step('cloud-route', 'pass', 'a question of the connector came by here, and so did its answer', probed(probe));
  const settled = (steps: readonly Step[]) => (isUnremembered ? [] : steps.map((each) => settledStep(each, probe)));
  const router = settled(delivery.router);
  return {
    sender: settled(delivery.sender),
    router: router.length === 0 ? [crossed] : router,
    receiver: settled(delivery.receiver),
    to,
    outcome: { kind: 'delivered', to, remembered: outcome.kind === 'delivered' ? outcome.remembered : new Map() },
  };
}

/** A rule or a route may be for fewer addresses than the probe's: only the check of the card is the same for every one that is not its own. */
function stands({ result, stage }: Step, { question }: ProbeResult): boolean {
  return result === 'drop' && stage !== 'nic-ingress' && question.kind !== 'lan';
}

function settledStep(each: Step, probe: ProbeResult): Step {
  switch (each.result) {
    case 'pass':
    case 'change':
      return each;
    case 'unknown':
    case 'assumed':
      return step(each.stage, 'pass', `${each.detail}; a question of the connector has crossed and was answered`, probed(probe));
    case 'drop':
      return step(
        each.stage,
        'pass',
        `${each.detail}, as it was read; but a question of the connector has crossed and was answered, so it is no longer so: read the cloud again`,
        probed(probe),
      );
  }
}
