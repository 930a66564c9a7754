import type { FindingCode } from '../finding-code.ts';

/** noWayBack are the codes that say "it arrived and no answer came": whatever stops answers earlier explains them. */
export const noWayBack: readonly FindingCode[] = ['NAT-OFF-NO-ROUTE', 'RTR-NO-ROUTE', 'VPC-NO-ROUTE'];

/**
 * behindConnector is what cannot be known, and does not matter, while the connector is away. Not what takes it away (the machine's own
 * tunnel, clock and line), nor IPv6 and the routes that may be the reason of that.
 */
export const behindConnector: readonly FindingCode[] = [
  ...noWayBack,
  'CLI-STALE-ROUTES',
  'OVL-IROUTE',
  'FWD-OFF',
  'FWD-IFACE',
  'FWD-NOT-PERSISTED',
  'RPF-STRICT',
  'RPF-LOOSE-WRONG-WAY',
  'MARTIAN',
  'HFW-FORWARD-DROP',
  'HFW-LEGACY',
  'HFW-INPUT',
  'NAT-STALE-CT',
  'NAT-TOO-WIDE',
  'NAT-SOURCE-IP',
  'CT-FULL',
  'IF-MISSING-ROUTE',
  'MULTI-NIC-RULES',
  'NEIGH-FAIL',
  'MTU-BLACKHOLE',
  'CTR-BRIDGE',
  'SDC-ON',
  'VPC-WRONG-TABLE',
  'VPC-BLACKHOLE',
  'VPC-MORE-SPECIFIC',
  'RANGE-UNROUTABLE',
  'SG-DENY',
  'SG-REF-LOST',
  'SG-CONNECTOR-IN',
  'NACL-EPHEMERAL',
  'RTR-STATEFUL',
  'RTR-REDIRECT',
  'SITE-ROUTE-ONE-WAY',
  'NAT-EDGE-SCOPE',
  'IG-NOT-SET',
  'AZ-SAME-SUBNET',
  'AZ-POLICY-DENY',
  'SRV-FIREWALL',
  'SRV-NO-LISTENER',
  'SRV-WRONG-GW',
  'SRV-TAILSCALE',
  'DUP-IP',
];
