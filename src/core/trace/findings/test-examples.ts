/**
 * The tutorial's HQ (tutorial.md 1) with each fault of the catalogue, as machines and models would report it: what golden/ and docs/findings.md
 * show. Every fact that an entry reads is there, so that no word in capitals stands for one that could be known.
 */
import { exampleId } from '../../example-wpc.ts';
import type { ConnectorId, NetworkId } from '../../ids.ts';
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { NetworkRoutes } from '../../site-routes/site-routes.ts';
import type { PlatformId } from '../../platforms/catalogue.ts';
import { exampleValues } from '../../platforms/test-example.ts';
import type { Cause, Facts, ObjectRef } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Direction } from '../words.ts';
import type { FixContext } from './entry.ts';

const address = (text: string) => text as AddressText;
const prefix = (text: string) => text as PrefixText;

export const hq = exampleId(1, 0) as NetworkId;
const connector: ObjectRef = { kind: 'connector', id: exampleId(2, 0), label: 'hq-1' };
const router: ObjectRef = { kind: 'router', id: '10.0.0.1', label: '10.0.0.1 (router of HQ Network)' };
const server: ObjectRef = { kind: 'server', id: '10.0.0.20', label: '10.0.0.20' };
const laptop: ObjectRef = { kind: 'device', id: exampleId(5, 0), label: 'bob/laptop' };
const bob: ObjectRef = { kind: 'user', id: exampleId(4, 0), label: 'bob' };
const network: ObjectRef = { kind: 'network', id: hq, label: 'HQ Network' };
const gateway: ObjectRef = { kind: 'gateway', id: exampleId(9, 0), label: 'gateway' };

/** Bob asks the HR application. */
const forward: Facts = {
  source: address('100.96.0.13'),
  destination: address('10.0.0.20'),
  protocol: 'tcp',
  port: 443,
};

/** And is answered. */
const reverse: Facts = { source: address('10.0.0.20'), destination: address('100.96.0.13'), protocol: 'tcp', port: 40_014 };

const site: Facts = {
  networkId: hq,
  networkName: 'HQ Network',
  connectorId: connector.id,
  connectorName: 'hq-1',
  lanAddress: address('10.0.0.10'),
  routerAddress: address('10.0.0.1'),
  interface: 'lan0',
  tunnelInterface: 'causeway0',
};

const inTunnel: Facts = { ...site, ...forward, interface: 'causeway0' };
const onLan: Facts = { ...site, ...reverse };
const group = exampleId(3, 0);
const wpcRange = prefix('100.96.0.0/11');

const aws: Facts = {
  ...site,
  platform: 'aws',
  parameters: {
    routeTables: 'rtb-0a1b2c3d4e5f60718',
    networkInterface: 'eni-06e725657ba3a8f63',
    serverSecurityGroups: 'sg-0a1b2c3d4e5f60718',
    connectorSecurityGroup: 'sg-0f1e2d3c4b5a69788',
    region: 'eu-central-1',
  },
};

const cloud = (id: string): ObjectRef => ({ kind: 'cloud', id, label: id });

export type Example = { readonly object: ObjectRef; readonly facts: Facts; readonly direction: Direction | null };

const at = (object: ObjectRef, facts: Facts, direction: Direction | null = 'forward'): Example => ({ object, facts, direction });

export const examples: Readonly<Record<FindingCode, Example>> = {
  'CLI-OFFLINE': at(laptop, forward),
  'CLI-NO-ROUTE': at(laptop, { ...forward, ...site, prefix: prefix('10.0.0.0/18'), userGroupId: group }),
  'CLI-STALE-ROUTES': at(laptop, forward),
  'CLI-LOCAL-OVERLAP': at(laptop, { ...forward, ...site, prefix: prefix('10.0.0.0/24') }),
  'CLI-DNS': at(laptop, forward),
  'CLI-RANGE-CLASH': at(server, { ...inTunnel, interface: 'eth0', prefix: prefix('100.64.0.0/10') }),
  'POL-DENY': at(bob, { ...forward, userGroupId: group, rule: 'the user is suspended' }),
  'POL-POSTURE': at(bob, { ...forward, observation: 'the disk is not encrypted' }),
  'OVL-NO-NETWORK': at(gateway, { ...forward, ...site, destination: address('10.20.0.20'), prefix: prefix('10.0.0.0/18') }),
  'OVL-OVERLAP': at(network, { ...forward, ...site, prefix: prefix('10.0.0.0/24') }),
  'OVL-IROUTE': at(connector, { ...onLan, prefix: prefix('10.0.0.0/18') }, 'reverse'),
  'OVL-REGION-LINK': at(gateway, forward),
  'CON-OFFLINE': at(connector, inTunnel),
  'CON-UDP-BLOCKED': at(connector, { ...site, observation: 'TLS key negotiation failed to occur within 60 seconds' }, null),
  'CON-STALE-HA': at(connector, onLan, 'reverse'),
  'FWD-OFF': at(connector, { ...inTunnel, sysctl: 'net/ipv4/ip_forward', value: '0', wanted: '1' }),
  'FWD-IFACE': at(connector, { ...onLan, sysctl: 'net/ipv4/conf/lan0/forwarding', value: '0', wanted: '1' }, 'reverse'),
  'FWD-NOT-PERSISTED': at(connector, site, null),
  'RPF-STRICT': at(connector, {
    ...inTunnel,
    source: address('192.168.0.5'),
    sysctl: 'net/ipv4/conf/causeway0/rp_filter',
    value: '1',
    prefix: prefix('192.168.0.0/22'),
  }),
  'RPF-LOOSE-WRONG-WAY': at(
    connector,
    { ...onLan, destination: address('192.168.0.5'), prefix: prefix('192.168.0.0/22') },
    'reverse',
  ),
  MARTIAN: at(connector, { ...inTunnel, source: address('10.0.0.10') }),
  'HFW-FORWARD-DROP': at(connector, { ...inTunnel, family: 'inet', table: 'filter', chain: 'forward', rule: 'policy drop' }),
  'HFW-LEGACY': at(connector, { ...inTunnel, family: 'ip', table: 'filter', chain: 'FORWARD', owner: 'iptables-legacy' }),
  'HFW-INPUT': at(connector, {
    ...inTunnel,
    destination: address('10.0.0.10'),
    family: 'inet',
    table: 'filter',
    chain: 'input',
    rule: 'policy drop',
  }),
  'NAT-OFF-NO-ROUTE': at(router, { ...onLan, prefix: wpcRange }, 'reverse'),
  'NAT-STALE-CT': at(connector, inTunnel),
  'NAT-TOO-WIDE': at(
    connector,
    { ...onLan, family: 'ip', table: 'nat', chain: 'postrouting', handle: 7, rule: 'masquerade' },
    'reverse',
  ),
  'NAT-SOURCE-IP': at(connector, onLan),
  'CT-FULL': at(connector, { ...inTunnel, sysctl: 'net/netfilter/nf_conntrack_max', value: '65536', wanted: '262144' }),
  'IF-MISSING-ROUTE': at(connector, {
    ...inTunnel,
    interface: 'lan0',
    destination: address('10.0.40.20'),
    prefix: prefix('10.0.40.0/24'),
    nextHop: address('10.0.0.1'),
  }),
  'MULTI-NIC-RULES': at(
    connector,
    { ...onLan, prefix: wpcRange, interface: 'eth1', rule: '5210: from 10.0.0.20 lookup 10001' },
    'reverse',
  ),
  'NEIGH-FAIL': at(connector, { ...inTunnel, interface: 'lan0', nextHop: address('10.0.0.20') }),
  'MTU-BLACKHOLE': at(connector, { ...inTunnel, interface: 'lan0', bytes: 1500, mtu: 1400 }),
  'V6-RA-LOST': at(connector, { ...site, sysctl: 'net/ipv6/conf/lan0/accept_ra', value: '1' }, null),
  'CTR-BRIDGE': at(connector, onLan, 'reverse'),
  'TUN-MISSING': at(connector, site, null),
  'SELINUX-DENY': at(connector, { ...site, port: 1195 }, null),
  'CLOCK-SKEW': at(connector, site, null),
  'SDC-ON': at(connector, { ...aws, ...forward, resource: 'eni-06e725657ba3a8f63' }),
  'VPC-NO-ROUTE': at(
    cloud('rtb-0a1b2c3d4e5f60718'),
    { ...aws, ...reverse, prefix: wpcRange, resource: 'rtb-0a1b2c3d4e5f60718' },
    'reverse',
  ),
  'VPC-WRONG-TABLE': at(
    cloud('rtb-0b1b2c3d4e5f60718'),
    { ...aws, ...reverse, prefix: wpcRange, resource: 'rtb-0b1b2c3d4e5f60718' },
    'reverse',
  ),
  'VPC-BLACKHOLE': at(
    cloud('rtb-0a1b2c3d4e5f60718'),
    { ...aws, ...reverse, prefix: wpcRange, resource: 'rtb-0a1b2c3d4e5f60718' },
    'reverse',
  ),
  'VPC-MORE-SPECIFIC': at(
    cloud('rtb-0a1b2c3d4e5f60718'),
    { ...aws, ...reverse, prefix: prefix('100.96.0.0/16'), resource: 'rtb-0a1b2c3d4e5f60718' },
    'reverse',
  ),
  'RANGE-UNROUTABLE': at(router, { ...onLan, platform: 'hetzner', prefix: wpcRange }, 'reverse'),
  'SG-DENY': at(cloud('sg-0a1b2c3d4e5f60718'), { ...aws, ...forward, resource: 'sg-0a1b2c3d4e5f60718' }),
  'SG-REF-LOST': at(cloud('sg-0a1b2c3d4e5f60718'), { ...aws, ...forward, resource: 'sg-0a1b2c3d4e5f60718' }),
  'SG-CONNECTOR-IN': at(cloud('sg-0f1e2d3c4b5a69788'), {
    ...aws,
    ...reverse,
    prefix: prefix('10.0.0.0/18'),
    resource: 'sg-0f1e2d3c4b5a69788',
  }),
  'NACL-EPHEMERAL': at(
    cloud('acl-0a1b2c3d4e5f60718'),
    { ...aws, ...reverse, prefix: wpcRange, resource: 'acl-0a1b2c3d4e5f60718' },
    'reverse',
  ),
  'RTR-NO-ROUTE': at(router, { ...onLan, prefix: wpcRange }, 'reverse'),
  'RTR-STATEFUL': at(router, { ...onLan, prefix: wpcRange }, 'reverse'),
  'RTR-REDIRECT': at(router, { ...onLan, prefix: wpcRange }, 'reverse'),
  'SITE-ROUTE-ONE-WAY': at(
    router,
    { ...onLan, destination: address('192.168.0.20'), prefix: prefix('192.168.0.0/22') },
    'reverse',
  ),
  'NAT-EDGE-SCOPE': at(router, { ...inTunnel, destination: address('107.3.152.27'), interface: 'lan0' }),
  'EGRESS-LOOP': at(connector, { ...inTunnel, destination: address('107.3.152.27') }),
  'IG-NOT-SET': at(bob, { ...forward, ...site, destination: address('107.3.152.27'), userGroupId: group }),
  'AZ-SAME-SUBNET': at(cloud('hq-connectors'), { ...site, ...forward, platform: 'azure', resource: 'hq-connectors' }),
  'AZ-POLICY-DENY': at(connector, { ...site, platform: 'azure', resource: 'hq-connector-nic' }, null),
  'SRV-FIREWALL': at(server, { ...inTunnel, interface: 'lan0' }),
  'SRV-NO-LISTENER': at(server, { ...inTunnel, interface: 'lan0' }, 'reverse'),
  'SRV-WRONG-GW': at(server, { ...onLan, prefix: wpcRange, nextHop: address('10.0.0.2') }, 'reverse'),
  'SRV-TAILSCALE': at(server, { ...inTunnel, interface: 'eth0' }),
  'DUP-IP': at(server, { ...inTunnel, interface: 'lan0', observation: '02:00:00:00:00:14 and 02:00:00:00:00:15 took turns' }),
};

export function exampleCause(code: FindingCode): Cause {
  const { object, facts } = examples[code];
  return { code, object, facts };
}

const hqRoutes: NetworkRoutes = {
  network: hq,
  name: 'HQ Network',
  nat: 'routed',
  prefixes: [prefix('10.0.0.0/18')],
  routes: [wpcRange, prefix('192.168.0.0/22')].map((destination) => ({
    destination,
    via: address('10.0.0.10'),
    need: 'required',
    at: 'router',
    flows: [],
  })),
  connectors: [
    {
      id: connector.id as ConnectorId,
      name: 'hq-1',
      lan: { address: address('10.0.0.10'), subnet: prefix('10.0.0.0/18'), interface: 'lan0', router: address('10.0.0.1') },
      owns: true,
      draining: false,
    },
  ],
  routesMove: false,
};

/** The same cause at another cloud: its own names, and no id of AWS. */
export function exampleAt(code: FindingCode, platform: PlatformId): Cause {
  const { facts, ...rest } = exampleCause(code);
  const { resource: _aws, ...known } = facts;
  return { ...rest, facts: { ...known, platform, parameters: exampleValues(platform) } };
}

export const exampleContext: FixContext = {
  tunnelRanges: [wpcRange],
  platforms: new Map(),
  routesOf: (id) => (id === hq ? hqRoutes : undefined),
};
