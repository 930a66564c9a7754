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
import { connectorRef } from './refs.ts';
import type { Scene } from './scene.ts';

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
  ownSubnetOverlaps,
];

/** connectorCauses is what the doctor finds on a connector's machine and of its tunnel. A connector that never reported has only its tunnel. */
export function connectorCauses(scene: Scene, id: ConnectorId): readonly Cause[] {
  const view = viewOf(scene, id);
  return view === undefined ? [] : checks.flatMap((check) => check(view));
}

/** offlineCause is why a connector that is not attached is not: what its openvpn says, as far as it gives the reason away, else CON-OFFLINE. */
export function offlineCause(scene: Scene, id: ConnectorId): Cause {
  const view = viewOf(scene, id);
  const [first] = view === undefined ? [] : tunnelDown(view);
  return first ?? { code: 'CON-OFFLINE', object: connectorRef(scene, id), facts: {} };
}

/** failingCause is why the tunnel of a connector that the gateway holds for attached carries nothing all the same; mostly undefined. */
export function failingCause(scene: Scene, id: ConnectorId): Cause | undefined {
  const view = viewOf(scene, id);
  return view === undefined ? undefined : tunnelDown(view)[0];
}

function viewOf(scene: Scene, id: ConnectorId): ConnectorView | undefined {
  const connector = scene.connector(id);
  if (connector === undefined) return undefined;
  const { observed, model } = scene.input;
  const machine = observed.machines.get(id) ?? { sections: new Map() };
  const endpoint = scene.endpoint(`connector:${id}`);
  const network = connector.site.kind === 'network' ? (scene.network(connector.site.id) ?? null) : null;
  const lan = scene.lan(id);
  return {
    connector,
    endpoint: endpoint?.kind === 'connector' ? endpoint : undefined,
    network,
    tunnelRanges: model.tunnelRanges,
    attachment: observed.attached.get(`connector:${id}`),
    host: scene.machine(id)?.host ?? readLinuxHost(machine),
    lan,
    machine: observed.machines.get(id),
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
}
