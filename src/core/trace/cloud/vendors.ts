import type { PrefixText } from '../../ip/prefix.ts';
import { everything } from '../../ip/prefix.ts';
import type { CloudId, FilterRule, Peer, Route } from './cloud-state.ts';

/**
 * Vendor is how a cloud weighs what was set up. Facts are those of the vendors' documentation as core/platforms/clouds/ cites it; where that
 * says nothing and general knowledge had to do, `unverified` says which, and steps that rest on it say `assumed`.
 */
export type Vendor = {
  /** Words for people. */
  readonly tableWord: string;
  readonly checkWord: string;
  /** What `forwards` says when it is as it should be. */
  readonly checkOff: string;
  readonly checkOn: string;
  /** The setting as the vendor writes it, when the card may forward and when it may not. */
  readonly setting: { readonly forwards: string; readonly checks: string };
  /** `none`: cards do not look at addresses. */
  readonly check: 'per-card' | 'none';
  readonly cardFilter: FilterKind;
  /** Null: nothing filters at the subnet, or its rules count as those of the card. */
  readonly subnetFilter: FilterKind | null;
  /** Routes of the vendor's own, beside one to each range of the VPC. */
  readonly routes: readonly Route[];
  /** Routes inside the VPC win over any other, however long its prefix. */
  readonly localFirst: boolean;
  /** `passed-over`: a route whose next hop is gone does not count, and the next best one does. */
  readonly deadRoutes: 'drop' | 'passed-over';
  /** A next hop has to be the first address of its card. */
  readonly primaryOnly: boolean;
};

export type FilterKind = {
  /** `security group`, for people. */
  readonly word: string;
  /**
   * Rules of all bound filters count together. `any-allow`: one that allows is enough. `first-match`: by order, the first that matches
   * decides. `open`: nothing is filtered.
   */
  readonly discipline: 'any-allow' | 'first-match' | 'open';
  readonly memory: 'stateful' | 'stateless';
  /** Where none is bound: everything passes, or the vendor's own rules decide. */
  readonly unbound: 'pass' | 'own-rules';
  /** Where it stands: at each card, or only between subnets. */
  readonly where: 'card' | 'between-subnets';
  /** Rules of the vendor's own, after all others of a filter. */
  readonly rules: readonly FilterRule[];
};

const everything6 = '::/0' as PrefixText;
export const anywhere: readonly Peer[] = [everything, everything6].map((prefix) => ({ kind: 'prefix', prefix }));

/** filterRule makes a rule; what is not given restricts nothing. */
export function filterRule(rule: Pick<FilterRule, 'text' | 'direction'> & Partial<FilterRule>): FilterRule {
  return {
    action: 'allow',
    order: 0,
    protocol: 'any',
    peers: anywhere,
    own: null,
    ports: null,
    sourcePorts: null,
    icmpType: null,
    stateless: false,
    tags: null,
    ...rule,
  };
}

const named = (name: string): readonly Peer[] => [{ kind: 'named', name }];
const virtualNetwork = named('VirtualNetwork');
const allow = (text: string, direction: 'in' | 'out', order: number, rest: Partial<FilterRule> = {}) =>
  filterRule({ text, direction, order, ...rest });
const deny = (text: string, direction: 'in' | 'out', order: number) => filterRule({ text, direction, order, action: 'deny' });

const system = (destination: string, target: Route['target']): Route => ({
  destination: destination as PrefixText,
  target,
  state: 'active',
  origin: 'system',
  priority: null,
  tags: null,
});

const group = (word: string): FilterKind => ({
  word,
  discipline: 'any-allow',
  memory: 'stateful',
  unbound: 'own-rules',
  where: 'card',
  rules: [],
});

const networkSecurityGroup: FilterKind = {
  word: 'network security group',
  discipline: 'first-match',
  memory: 'stateful',
  unbound: 'pass',
  where: 'card',
  rules: [
    allow('65000 AllowVnetInBound', 'in', 65_000, { peers: virtualNetwork, own: virtualNetwork }),
    allow('65001 AllowAzureLoadBalancerInBound', 'in', 65_001, { peers: named('AzureLoadBalancer') }),
    deny('65500 DenyAllInBound', 'in', 65_500),
    allow('65000 AllowVnetOutBound', 'out', 65_000, { peers: virtualNetwork, own: virtualNetwork }),
    allow('65001 AllowInternetOutBound', 'out', 65_001, { peers: named('Internet') }),
    deny('65500 DenyAllOutBound', 'out', 65_500),
  ],
};

const networkAcl: FilterKind = {
  word: 'network ACL',
  discipline: 'first-match',
  memory: 'stateless',
  unbound: 'pass',
  where: 'between-subnets',
  rules: [deny('* deny', 'in', 1_000_000), deny('* deny', 'out', 1_000_000)],
};

/** The order in which the vendors do it: what is equal to most of them. */
const usual = {
  tableWord: 'route table',
  check: 'per-card',
  subnetFilter: null,
  routes: [],
  localFirst: false,
  deadRoutes: 'drop',
  primaryOnly: false,
} as const;

const sourceCheck = {
  checkWord: 'source/destination check',
  checkOff: 'its source/destination check is off',
  checkOn: 'its source/destination check is on',
  setting: { forwards: 'source/destination check: off', checks: 'source/destination check: on' },
} as const;

const vendors = {
  aws: {
    ...usual,
    ...sourceCheck,
    setting: { forwards: 'SourceDestCheck: false', checks: 'SourceDestCheck: true' },
    cardFilter: group('security group'),
    subnetFilter: networkAcl,
  },
  azure: {
    ...usual,
    checkWord: 'IP forwarding',
    checkOff: 'its IP forwarding is on',
    checkOn: 'its IP forwarding is off',
    setting: { forwards: 'enableIPForwarding: true', checks: 'enableIPForwarding: false' },
    cardFilter: networkSecurityGroup,
    subnetFilter: networkSecurityGroup,
    routes: [
      system('0.0.0.0/0', { kind: 'internet', name: 'Internet' }),
      system('10.0.0.0/8', { kind: 'nowhere' }),
      system('172.16.0.0/12', { kind: 'nowhere' }),
      system('192.168.0.0/16', { kind: 'nowhere' }),
      system('100.64.0.0/10', { kind: 'nowhere' }),
    ],
  },
  gcp: {
    ...usual,
    checkWord: 'canIpForward',
    checkOff: 'canIpForward is true',
    checkOn: 'canIpForward is false',
    setting: { forwards: 'canIpForward: true', checks: 'canIpForward: false' },
    tableWord: 'routes of the VPC network',
    cardFilter: {
      word: 'firewall rules',
      discipline: 'first-match',
      memory: 'stateful',
      unbound: 'own-rules',
      where: 'card',
      rules: [allow('65535 implied allow egress', 'out', 65_535), deny('65535 implied deny ingress', 'in', 65_535)],
    },
    localFirst: true,
    deadRoutes: 'passed-over',
    primaryOnly: true,
  },
  // Security lists of the subnet and security groups of the card are one set: either lets a packet pass (layers.ts).
  oci: {
    ...usual,
    ...sourceCheck,
    setting: { forwards: 'skipSourceDestCheck: true', checks: 'skipSourceDestCheck: false' },
    cardFilter: group('security list or network security group'),
  },
  digitalocean: {
    ...usual,
    ...sourceCheck,
    tableWord: 'routes of the subnet',
    check: 'none',
    cardFilter: { ...group('firewall'), unbound: 'pass' },
  },
  hetzner: {
    ...usual,
    ...sourceCheck,
    tableWord: 'routes of the network',
    check: 'none',
    // Firewalls of Hetzner Cloud stand at public interfaces.
    cardFilter: { ...group('firewall'), discipline: 'open', unbound: 'pass' },
  },
  alibaba: {
    ...usual,
    ...sourceCheck,
    check: 'none',
    cardFilter: {
      ...group('security group'),
      discipline: 'first-match',
      rules: [allow('default: allow', 'out', 1_000_000), deny('default: drop', 'in', 1_000_000)],
    },
    subnetFilter: networkAcl,
  },
} as const satisfies Record<CloudId, Vendor>;

export function vendorOf(cloud: CloudId): Vendor {
  return vendors[cloud];
}
