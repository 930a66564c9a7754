import type { Cause } from '../cause.ts';
import { inCloud, retarget, sourceCheckOff } from './cloud-fix.ts';
import { resourceWord } from './command-words.ts';
import type { Entry, FixContext, Theme } from './entry.ts';
import { both } from './entry.ts';
import { byHand, fix, onCauseway } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { noWayBack } from './relations.ts';
import { bothOptions, routesOnly } from './return-way.ts';
import { siteOf } from './route-fix.ts';
import { network, object, quoted, subject } from './sentences.ts';
import { routeFacts } from './translation.ts';

const cloud: Pick<Entry, 'severity' | 'node' | 'origin' | 'directions'> = {
  severity: 'error',
  node: 'cloud-router',
  origin: 'outbound',
  directions: ['reverse'],
};

const onlyInClouds =
  'Route tables and network cards of clouds are no part of the kernel; the model of the cloud has golden cases instead.';

const cloudFacts = ['networkId', 'networkName', 'platform', 'parameters', 'resource'] as const satisfies Entry['reads'];

/** Route tables of clouds, and the check of the connector's network card. */
export const cloudRoutes = {
  'SDC-ON': {
    severity: 'error',
    node: 'connector',
    origin: 'local',
    directions: both,
    symptom: 'The connector forwards, and the server never sees the packet; or answers never come back to the connector.',
    title: (cause) => `The cloud drops what ${object(cause)} only passes on: the source/destination check is on`,
    explanation: (cause) =>
      `The network card ${quoted(cause.facts.resource, 'of the connector')} takes packets only if it is their source or destination, and a router is neither. With NAT the source is its own, so it often works one way all the same. The setting says so.`,
    tutorial: ['T 6'],
    hides: [...noWayBack, 'SG-DENY'],
    reads: cloudFacts,
    fixes: (cause, context) => [sourceCheckOff(cause, context)],
    injectable: onlyInClouds,
  },
  'VPC-NO-ROUTE': {
    ...cloud,
    symptom: 'The request arrives at the server, and no answer comes; the site is in a cloud.',
    title: (cause) =>
      `${subject(cause)} has no route to the connector for ${quoted(cause.facts.prefix ?? cause.facts.destination, "the WPC's range")}`,
    explanation: (cause) =>
      `The answer leaves the server with a destination that its subnet's route table does not send to the connector, so the cloud drops it or sends it to the internet. In a cloud the table of the sender's subnet decides, and nothing inside the machines. The routes of ${network(cause.facts)} show it.`,
    tutorial: ['RA-16', 'SS-19'],
    hides: ['NAT-OFF-NO-ROUTE'],
    reads: [...routeFacts],
    fixes: bothOptions,
    injectable: onlyInClouds,
  },
  'VPC-WRONG-TABLE': {
    ...cloud,
    symptom: 'Some subnets of the cloud work and others do not.',
    title: (cause) => `The route to the connector stands in another table than that of the server's subnet (${object(cause)})`,
    explanation: (cause) =>
      `Each subnet uses one route table; one that is associated with none uses the main one. The route is in another table, so it is not used for this server. Compare the table of the subnet with ${quoted(cause.facts.resource, 'the one that has the route')}.`,
    tutorial: ['RA-16'],
    hides: noWayBack,
    reads: [...routeFacts, 'resource'],
    fixes: (cause, context) => [
      ...routesOnly(inTable(cause, context), context),
      byHand(
        'Let the subnet use the table that has the route',
        inCloud(cause),
        ["Associate the server's subnet with that table. All its other routes then hold for the subnet too."],
        { betterWhen: 'the subnets should have the same routes anyway' },
      ),
    ],
    injectable: onlyInClouds,
  },
  'VPC-BLACKHOLE': {
    ...cloud,
    symptom: "It worked until the connector's machine was replaced or stopped.",
    title: (cause) => `The route for ${quoted(cause.facts.prefix, "the WPC's range")} in ${object(cause)} leads nowhere`,
    explanation: () =>
      'Its target was a network card or machine that is no longer there, or is stopped. The cloud keeps the route and drops what matches it; the state of the route says blackhole.',
    tutorial: ['RA-17'],
    hides: noWayBack,
    reads: [...cloudFacts, 'prefix', 'lanAddress'],
    fixes: (cause, context) => [retarget(cause, context, cause.facts.prefix)],
    injectable: onlyInClouds,
  },
  'VPC-MORE-SPECIFIC': {
    ...cloud,
    symptom: 'The route is there, and it is not used.',
    title: (cause) => `A longer prefix in ${object(cause)} takes ${quoted(cause.facts.prefix, 'the packet')} elsewhere`,
    explanation: (cause) =>
      `The longest prefix that matches decides, and ${quoted(cause.facts.prefix, 'a longer one')} leads to ${quoted(cause.facts.nextHop, 'a transit gateway, a peering or another machine')}. The route to the connector is wider, so it never comes to it. The effective routes show both.`,
    tutorial: ['RA-16'],
    hides: noWayBack,
    reads: [...cloudFacts, 'prefix', 'lanAddress', 'nextHop'],
    fixes: (cause, context) => [
      retarget(cause, context, cause.facts.prefix),
      byHand(
        'Take the longer prefix away',
        inCloud(cause),
        ['Delete the route with the longer prefix, or make it narrower, if nothing needs it any more.'],
        { betterWhen: 'it is left over from something else' },
      ),
    ],
    injectable: onlyInClouds,
  },
  'RANGE-UNROUTABLE': {
    ...cloud,
    directions: [],
    symptom: 'The platform refuses the static route.',
    title: (cause) => `${subject(cause)} takes no route for ${quoted(cause.facts.prefix, "the WPC's range")}`,
    explanation: (cause) =>
      `The platform of ${network(cause.facts)} does not allow such a destination: Alibaba Cloud uses 100.64.0.0/10 itself, and Hetzner takes only private ranges. So Option 1, a static route, is not to be had there for people's devices, and answers to tunnel addresses find no way back.`,
    tutorial: ['RA-16'],
    hides: noWayBack,
    reads: ['prefix', 'networkId', 'networkName', 'destination', 'source'],
    fixes: (cause, context) => [
      masquerade(cause, context, 'always here: it is the only way without another range'),
      byHand(
        'Give the WPC a range that the platform routes',
        onCauseway,
        [
          'Before addresses are given out: PUT /api/v1/settings/wpc/subnet, for example with a part of 10.0.0.0/8 that no site uses.',
        ],
        { betterWhen: 'servers have to see real addresses, and the WPC is new' },
      ),
    ],
    injectable: onlyInClouds,
  },
  'AZ-SAME-SUBNET': {
    ...cloud,
    directions: both,
    symptom: 'In Azure packets go round between the connector and the network.',
    title: (cause) => `${subject(cause)} sends the connector's own packets back to it`,
    explanation: () =>
      'The connector stands in a subnet whose route table sends the same destinations to the connector. What it sends out is routed by that table too, and comes back to it until its TTL ends.',
    tutorial: ['RA-16'],
    hides: noWayBack,
    reads: cloudFacts,
    fixes: (cause) => [
      byHand(
        'Give the connector a subnet of its own',
        inCloud(cause),
        [
          'Make a subnet without this route table, and move the network interface of the connector into it (the machine has to be stopped for that).',
          'Then change the next hop of the routes to its new address.',
        ],
        { evidence: 'documented', risk: 'The connector is away meanwhile.' },
      ),
    ],
    injectable: onlyInClouds,
  },
  'AZ-POLICY-DENY': {
    severity: 'warning',
    node: 'connector',
    origin: 'local',
    directions: [],
    symptom: 'IP forwarding of a network interface in Azure does not stay on: RequestDisallowedByPolicy.',
    title: (cause) => `A policy of the subscription forbids IP forwarding for ${object(cause)}`,
    explanation: () =>
      'The built-in policy "Network interfaces should disable IP forwarding" (88c0b9da-ce96-4b03-9635-f29a937e2900) is assigned there and refuses the change. Without IP forwarding the network card drops what the connector passes on.',
    tutorial: [],
    hides: ['SDC-ON'],
    reads: cloudFacts,
    fixes: (cause) => [
      fix({
        platform: 'azure',
        title: "Exempt the connector's network interface",
        where: inCloud(cause),
        commands: [
          `az policy exemption create --name causeway --policy-assignment ASSIGNMENT_ID --exemption-category Waiver --scope ${resourceWord(cause.facts.resource, 'NETWORK_INTERFACE_ID')}`,
        ],
        console: ['Policy > Exemptions > Create: the assignment, and the network interface as scope.'],
        undo: [
          `az policy exemption delete --name causeway --scope ${resourceWord(cause.facts.resource, 'NETWORK_INTERFACE_ID')}`,
        ],
        risk: 'Whoever assigned the policy has to agree. ASSIGNMENT_ID is what "az policy assignment list" says.',
        verify: ['az policy exemption list -o table'],
        evidence: 'unverified',
      }),
    ],
    injectable: onlyInClouds,
  },
} as const satisfies Theme<
  | 'SDC-ON'
  | 'VPC-NO-ROUTE'
  | 'VPC-WRONG-TABLE'
  | 'VPC-BLACKHOLE'
  | 'VPC-MORE-SPECIFIC'
  | 'RANGE-UNROUTABLE'
  | 'AZ-SAME-SUBNET'
  | 'AZ-POLICY-DENY'
>;

/** The cause with the table of the server's subnet in the place of the one that is known. */
function inTable(cause: Cause, context: FixContext): Cause {
  const { resource } = cause.facts;
  const { platform, parameters } = siteOf(cause, context);
  if (resource === undefined || platform === null) return cause;
  const name = platform === 'aws' ? 'routeTables' : 'routeTable';
  return { ...cause, facts: { ...cause.facts, platform, parameters: { ...parameters, [name]: resource } } };
}
