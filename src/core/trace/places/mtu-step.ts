import type { ConnectorId, NetworkId } from '../../ids.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import { connectorLabel, connectorRef } from '../refs.ts';
import type { Step } from '../result.ts';
import type { Scene } from '../scene.ts';
import { siteFacts } from '../site-facts.ts';
import { sizeDiagnosis } from '../size-diagnosis.ts';
import { probed, step } from '../step.ts';

/** tooLarge is the end of a packet that a machine on the way from a connector to a server is too small for, and does not say so. */
export function tooLarge(scene: Scene, network: NetworkId, connector: ConnectorId, packet: Packet): Step | undefined {
  const size = sizeDiagnosis(scene, connector, packet);
  if (size.kind !== 'too-big') return undefined;
  const told = `${String(packet.bytes)} bytes in one piece do not get to ${formatAddress(packet.destination)}, and small packets do`;
  return step('mtu', 'drop', `${told} (asked by ${connectorLabel(scene, connector)})`, {
    ...probed(size.probe),
    cause: {
      code: 'MTU-BLACKHOLE',
      object: connectorRef(scene, connector),
      facts: {
        ...siteFacts(scene, network, connector, packet),
        bytes: packet.bytes,
        ...(size.fits === null ? {} : { mtu: size.fits }),
      },
    },
  });
}
