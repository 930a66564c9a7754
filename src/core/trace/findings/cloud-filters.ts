import { answerPorts, letIn } from './cloud-filter-fix.ts';
import type { Entry, Theme } from './entry.ts';
import { both } from './entry.ts';
import { masquerade } from './nat-fix.ts';
import { destination, object, quoted, shown, subject } from './sentences.ts';

const modelled = 'Filters of clouds are no part of the kernel; the model of the cloud has golden cases instead.';

const filterFacts = [
  'source',
  'destination',
  'protocol',
  'port',
  'prefix',
  'networkId',
  'networkName',
  'platform',
  'parameters',
  'resource',
] as const satisfies Entry['reads'];

/** Security groups and their like. */
export const cloudFilters = {
  'SG-DENY': {
    severity: 'error',
    node: 'host',
    origin: 'inbound',
    directions: ['forward'],
    symptom: 'Connections to one server time out, while others of the same subnet work.',
    title: (cause) =>
      `${subject(cause)} does not let ${quoted(cause.facts.source, 'the source')} in to ${destination(cause.facts)}`,
    explanation: (cause) =>
      `The filter of the server's network card has no rule that allows it, and without one the cloud drops the packet. With NAT the source is the connector's LAN address, in routed mode the address of the device. The first packet leaves the connector and its flow stays UNREPLIED; the rules of ${object(cause)} say why.`,
    tutorial: ['T 8'],
    hides: ['SRV-FIREWALL'],
    reads: filterFacts,
    fixes: (cause, context) => [letIn(cause, context, 'Let the source in at the server', 'serverSecurityGroups')],
    injectable: modelled,
  },
  'SG-REF-LOST': {
    severity: 'error',
    node: 'host',
    origin: 'inbound',
    directions: ['forward'],
    symptom: "A rule allows the connector's security group, and connections time out all the same.",
    title: (cause) => `${subject(cause)} names the connector's group, which does not match what the connector only passes on`,
    explanation: () =>
      "A rule that names a group matches packets that members of the group send themselves. Without NAT, and between sites, the source is the device's or the other site's, so the rule does not match; AWS calls this SG_REFERENCES_NOT_PRESERVED. The rule has to name the address range.",
    tutorial: ['T 8'],
    hides: ['SG-DENY'],
    reads: filterFacts,
    fixes: (cause, context) => [
      {
        ...letIn(cause, context, 'Name the address range in the rule', 'serverSecurityGroups'),
        betterWhen: 'servers have to see real addresses; between sites it is the only way',
      },
      masquerade(cause, context, "only people's devices come in, and the rule with the group should stay"),
    ],
    injectable: modelled,
  },
  'SG-CONNECTOR-IN': {
    severity: 'error',
    node: 'connector',
    origin: 'inbound',
    directions: both,
    symptom: 'People reach the site, and the site reaches neither people nor the other sites.',
    title: (cause) =>
      `${subject(cause)} does not let ${cause.facts.source === undefined ? 'the LAN' : shown(cause.facts.source)} in at the connector`,
    explanation: () =>
      "What the LAN begins comes to the connector's network card as something new, and its own filter has no rule for the LAN. Answers to people pass, since the filter remembers what the connector began. The packet is not seen on the connector.",
    tutorial: ['SS-20', 'SS-21', 'SS-22', 'SS-23', 'SS-24', 'SS-25'],
    hides: [],
    reads: filterFacts,
    fixes: (cause, context) => [
      // Whatever the LAN may begin, the WPC and the servers at the other end decide about.
      letIn(
        { ...cause, facts: withoutService(cause.facts) },
        context,
        'Let the LAN in at the connector',
        'connectorSecurityGroup',
      ),
    ],
    injectable: modelled,
  },
  'NACL-EPHEMERAL': {
    severity: 'error',
    node: 'cloud-router',
    origin: 'outbound',
    directions: ['reverse'],
    symptom: 'The first packet passes and the connection hangs.',
    title: (cause) => `${subject(cause)} drops answers: it knows no connections, and has no rule for their ports`,
    explanation: (cause) =>
      `The filter of the subnet looks at every packet by itself, so answers need a rule of their own: to ${quoted(cause.facts.destination, 'the other side')}, ports 1024 to 65535. Flow logs of the cloud show REJECT for them.`,
    tutorial: [],
    hides: [],
    reads: filterFacts,
    fixes: (cause, context) => [answerPorts(cause, context)],
    injectable: modelled,
  },
} as const satisfies Theme<'SG-DENY' | 'SG-REF-LOST' | 'SG-CONNECTOR-IN' | 'NACL-EPHEMERAL'>;

function withoutService({ protocol: _protocol, port: _port, ...facts }: Parameters<Entry['title']>[0]['facts']) {
  return facts;
}
