import type { ConnectorId, DeviceId, GatewayId, HostId, NetworkId, RegionId, Serial, UserGroupId, UserId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import { address4, formatAddress, strictAddress } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { assignLanes } from './lanes.ts';
import type { GatewaySite, WpcModel } from './model.ts';

const region = 'eu-central-1' as RegionId;

/** A UUID-shaped id from a number, so that examples and failures can be read. */
export function exampleId(kind: number, number: number): string {
  return `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

export function exampleSerial(number: number): Serial {
  return `1${number.toString(16).padStart(31, '0')}` as Serial;
}

export const exampleGateway: GatewaySite = {
  id: exampleId(9, 0) as GatewayId,
  regions: [region],
  vpnPort: 1194,
  userLanes: 2,
  connectorLanes: 256,
  publicAddresses: ['203.0.113.1' as AddressText],
};

/**
 * exampleWpc is the tutorial's WPC (tutorial.md 1) blown up to a size: network 0 is HQ with 10.0.0.0/18 behind 100.96.0.100, network 1
 * Branch. Used by unit tests and benchmarks; every network has one connector and `prefixesPerNetwork` prefixes.
 */
export function exampleWpc(size: {
  networks: number;
  prefixesPerNetwork?: number;
  devices: number;
  revision?: number;
}): WpcModel {
  const each = size.prefixesPerNetwork ?? 1;
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  const prefix = (network: number, index: number): PrefixText => {
    if (network === 0 && index === 0) return '10.0.0.0/18' as PrefixText;
    if (network === 1 && index === 0) return '192.168.0.0/22' as PrefixText;
    return `${formatAddress(address4(0x0b00_0000 + (network * each + index) * 512))}/24` as PrefixText;
  };
  const offset = (base: string, add: number): AddressText => {
    const address = strictAddress(base);
    return address.family === 4 ? formatAddress(address4(address.value + add)) : formatAddress(address);
  };
  const connectors = numbers(size.networks).map((n) => ({
    id: exampleId(2, n) as ConnectorId,
    name: `hq-${n}`,
    site: { kind: 'network', id: exampleId(1, n) as NetworkId } as const,
    region,
    address: offset('100.96.0.100', n),
    suspended: false,
    draining: false,
    lanRouter: null,
  }));
  const devices = numbers(size.devices).map((n) => ({
    id: exampleId(5, n) as DeviceId,
    name: `device ${n}`,
    user: exampleId(4, n) as UserId,
    address: offset('100.96.16.1', n),
    userLane: n % 2,
    authenticatedAt: null,
    clientUuid: '',
  }));
  return {
    revision: size.revision ?? 1,
    tunnelRanges: ['100.96.0.0/11' as PrefixText],
    networks: numbers(size.networks).map((n) => ({
      id: exampleId(1, n) as NetworkId,
      name: n === 0 ? 'HQ Network' : n === 1 ? 'Branch Network' : `Network ${n}`,
      nat: 'masquerade',
      prefixes: numbers(each).map((index) => prefix(n, index)),
      internet: { mode: 'SPLIT_TUNNEL_ON' },
      egress: false,
      probeTargets: [],
    })),
    hosts: [{ id: exampleId(6, 0) as HostId, name: 'host', internet: { mode: 'SPLIT_TUNNEL_ON' } }],
    connectors,
    userGroups: [
      { id: exampleId(3, 0) as UserGroupId, name: 'Default', internet: { mode: 'SPLIT_TUNNEL_ON' }, connectAuth: 'NO_AUTH' },
    ],
    users: devices.map(({ user }, n) => ({
      id: user,
      name: `user ${n}`,
      group: exampleId(3, 0) as UserGroupId,
      suspended: false,
    })),
    devices,
    certificates: [
      ...connectors.map(({ id }, n) => ({ serial: exampleSerial(n), endpoint: { kind: 'connector', id } as const })),
      ...devices.map(({ id }, n) => ({ serial: exampleSerial(100_000 + n), endpoint: { kind: 'device', id } as const })),
    ],
    laneAssignment: assignLanes({}, connectors, exampleGateway.connectorLanes),
    dnsServers: [],
    egressClassNumbers: {},
    deviceEnforcement: 'OFF',
  };
}
