import type { ConnectorId } from '../ids.ts';
import type { Cause } from './cause.ts';
import type { Check, ConnectorView } from './checks/connector-view.ts';
import {
  advertisedRoute,
  bridgedContainer,
  conntrackFull,
  forwardingPersisted,
  ownSubnetOverlaps,
  rangeClash,
  severalSources,
  staleFlows,
} from './checks/machine-checks.ts';
import { clock, tunnelDown, udpBlocked } from './checks/tunnel-checks.ts';
import { isTunnelDevice } from './linux-machine.ts';
import { readLinuxHost } from './linux/linux-host.ts';
import type { Scene } from './scene.ts';

/** connectorCauses is what the doctor finds on a connector's machine and of its tunnel. A connector that never reported has only its tunnel. */
export function connectorCauses(scene: Scene, id: ConnectorId): readonly Cause[] {
  const connector = scene.connector(id);
  if (connector === undefined) return [];
  const { observed, model } = scene.input;
  const machine = observed.machines.get(id) ?? { sections: new Map() };
  const endpoint = scene.endpoint(`connector:${id}`);
  const network = connector.site.kind === 'network' ? (scene.network(connector.site.id) ?? null) : null;
  const lan = scene.lan(id);
  const view: ConnectorView = {
    connector,
    endpoint: endpoint?.kind === 'connector' ? endpoint : undefined,
    network,
    attachment: observed.attached.get(`connector:${id}`),
    host: scene.machine(id)?.host ?? readLinuxHost(machine),
    lan,
    section: (name) => machine.sections.get(name)?.body,
    observedAt: (name) => machine.sections.get(name)?.observedAt,
    isTunnel: isTunnelDevice,
    facts: {
      connectorId: id,
      connectorName: connector.name,
      ...(network === null ? {} : { networkId: network.id, networkName: network.name }),
      ...(lan === null ? {} : { lanAddress: lan.address, interface: lan.interface }),
    },
  };
  const checks: readonly Check[] = [
    clock,
    tunnelDown,
    udpBlocked,
    forwardingPersisted,
    conntrackFull,
    rangeClash,
    severalSources,
    staleFlows,
    advertisedRoute,
    bridgedContainer,
    ownSubnetOverlaps(model.tunnelRanges),
  ];
  return checks.flatMap((check) => check(view));
}
