import { compile } from '../../core/compile.ts';
import { exampleGateway, exampleWpc } from '../../core/example-wpc.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId, Serial } from '../../core/ids.ts';
import { everything } from '../../core/ip/prefix.ts';
import type { LaneId } from '../../core/lanes.ts';
import type { DesiredKernel } from '../kernel/desired-kernel.ts';
import { desiredKernel } from '../kernel/desired-kernel.ts';
import type { KernelOwnership } from '../kernel/ownership.ts';
import { nothingPushed } from '../../core/pushed-options.ts';
import type { Session } from '../session.ts';
import { sessionKey } from '../session.ts';

/** exampleConfiguration is what a gateway of the example WPC (core/example-wpc.ts) is told. */
export function exampleConfiguration(networks = 2, devices = 3, prefixesPerNetwork = 1): GatewayConfiguration {
  return compile(exampleWpc({ networks, devices, prefixesPerNetwork }), exampleGateway);
}

export function endpointNamed(configuration: GatewayConfiguration, kind: 'connector' | 'device', index: number): EndpointId {
  const ids = (Object.keys(configuration.endpoints) as EndpointId[]).filter((id) => id.startsWith(kind)).sort();
  const id = ids[index];
  if (id === undefined)
    throw new RangeError(`the example has ${String(ids.length)} endpoints of kind ${kind}, not ${String(index + 1)}`);
  return id;
}

export function serialOf(configuration: GatewayConfiguration, endpoint: EndpointId): Serial {
  const found = Object.entries(configuration.certificates).find(([, owner]) => owner === endpoint);
  if (found === undefined) throw new RangeError(`${endpoint} has no certificate`);
  return found[0] as Serial;
}

let cids = 0;

/** exampleSession is an established session of an endpoint on its own lane, or as `changes` say. */
export function exampleSession(
  configuration: GatewayConfiguration,
  endpoint: EndpointId,
  changes: Partial<Session> = {},
): Session {
  const found = configuration.endpoints[endpoint];
  if (found === undefined) throw new RangeError(`${endpoint} is not in the example`);
  cids += 1;
  const lane: LaneId = changes.lane ?? found.lane ?? 't0';
  return {
    key: sessionKey(lane, '1000', cids),
    lane,
    daemon: '1000',
    cid: cids,
    endpoint,
    serial: serialOf(configuration, endpoint),
    address: found.address,
    state: 'established',
    order: cids,
    clientAddress: '192.0.2.1',
    startedAt: 0,
    bytesIn: 0,
    bytesOut: 0,
    heardAt: 0,
    owns: lane.startsWith('c') || lane.startsWith('h') ? [everything] : [],
    pushed: nothingPushed,
    peer: {},
    authenticated: false,
    ...changes,
  };
}

/** exampleDesired is what the kernel is to hold for these sessions, while no owner is decided and no lane has still to say who is on it. */
export function exampleDesired(
  own: KernelOwnership,
  configuration: GatewayConfiguration,
  sessions: readonly Session[],
): DesiredKernel {
  const nothing = { running: new Set<LaneId>(), undecided: new Set<LaneId>(), owners: new Map(), alive: new Set<EndpointId>() };
  return desiredKernel({ own, configuration, sessions, ...nothing });
}
