import type { FindingCode } from '../../core/trace/finding-code.ts';

/** notInjectable are the codes that namespaces cannot be given, each with the reason; golden cases of core/trace cover them. */
export const notInjectable = {
  'CLI-STALE-ROUTES':
    'the gateway has every client connect again, or updates it, whose routes have changed: no session keeps old ones',
  'CLI-DNS': 'a trace is asked for addresses; which resolver a person uses does not change the way of a packet',
  'POL-POSTURE': 'this version has no conditions of posture, place or time that could be false',
  'OVL-NO-NETWORK':
    'clients and connectors have routes for what is in a network only: a packet for anything else does not get as far as the gateway',
  'OVL-OVERLAP': 'the API refuses prefixes that overlap, and the database a second time',
  'OVL-IROUTE':
    'the gateway writes iroutes and kernel routes from one configuration, and puts back what is missing within a second',
  'OVL-REGION-LINK': 'this version has one region, so there is no link between regions',
  'CT-FULL': 'nf_conntrack_max is one number for the whole machine and cannot be written in a network namespace',
  'CTR-BRIDGE': 'needs a container runtime with its own bridge; NAT twice alone is not it',
  'SELINUX-DENY': 'SELinux is part of the kernel of the whole machine',
  'CLOCK-SKEW': 'there is one CLOCK_REALTIME for all namespaces; time_namespaces(7) leave it alone',
  'SDC-ON': 'a check by the network of a cloud, below what a machine can see',
  'VPC-NO-ROUTE': 'a route table of a cloud',
  'VPC-WRONG-TABLE': 'a route table of a cloud',
  'VPC-BLACKHOLE': 'a route table of a cloud',
  'VPC-MORE-SPECIFIC': 'a route table of a cloud',
  'RANGE-UNROUTABLE': "a refusal of a cloud's API",
  'SG-DENY': 'a filter of a cloud',
  'SG-REF-LOST': 'a filter of a cloud',
  'SG-CONNECTOR-IN': 'a filter of a cloud',
  'NACL-EPHEMERAL': 'a filter of a cloud',
  'AZ-SAME-SUBNET': 'the network of a cloud',
  'AZ-POLICY-DENY': 'a policy of a cloud',
} as const satisfies Partial<Record<FindingCode, string>>;
