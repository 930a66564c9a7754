import { block, hcl, nested } from '../../platforms/terraform.ts';
import type { Cause, Facts } from '../cause.ts';
import { cloudWords, inCloud } from './cloud-fix.ts';
import { numberWord, resourceWord } from './command-words.ts';
import type { FixContext } from './entry.ts';
import type { Fix } from './finding.ts';
import { byHand, fix } from './fix.ts';
import { prefixAround } from './ranges.ts';

/** allowedSource is what a filter has to let in. */
export function allowedSource({ facts }: Cause, context: FixContext): string {
  return prefixAround(facts.prefix, facts.source, context) ?? 'SOURCE_PREFIX';
}

type Service = { readonly protocol: 'tcp' | 'udp' | 'icmp' | 'all'; readonly port: string };

function serviceOf({ protocol, port }: Facts): Service {
  if (protocol === 'icmp') return { protocol, port: '' };
  if (protocol !== 'tcp' && protocol !== 'udp') return { protocol: 'all', port: '' };
  return { protocol, port: numberWord(port, 'PORT') };
}

/** letIn adds a rule to a cloud's filter: only the service that was asked for, since filters are somebody's decision. */
export function letIn(cause: Cause, context: FixContext, title: string, parameter: string): Fix {
  const words = cloudWords(cause, context);
  const source = allowedSource(cause, context);
  const service = serviceOf(cause.facts);
  const rest = { title, where: inCloud(cause), evidence: 'documented' } as const;
  const group = (name: string, otherwise: string) => resourceWord(cause.facts.resource, words.value(name, otherwise));
  switch (words.platform) {
    case 'aws': {
      const id = group(parameter, 'SECURITY_GROUP');
      const permission = `'${awsPermission(service)},IpRanges=[{CidrIp=${source},Description=causeway}]'`;
      return fix({
        ...rest,
        platform: 'aws',
        commands: [`${words.aws} authorize-security-group-ingress --group-id ${id} --ip-permissions ${permission}`],
        console: ['EC2 > Security groups > the group > Inbound rules > Edit: the same source, protocol and port.'],
        terraform: awsTerraform(id, source, service),
        undo: [`${words.aws} revoke-security-group-ingress --group-id ${id} --ip-permissions ${permission}`],
        verify: [`${words.aws} describe-security-groups --group-ids ${id} --query 'SecurityGroups[].IpPermissions'`],
      });
    }
    case 'azure': {
      const where = `-g ${words.value('resourceGroup', 'RESOURCE_GROUP')} --nsg-name ${group('networkSecurityGroup', 'NETWORK_SECURITY_GROUP')}`;
      const protocol = service.protocol === 'all' ? "'*'" : service.protocol.replace(/^./, (letter) => letter.toUpperCase());
      return fix({
        ...rest,
        platform: 'azure',
        commands: [
          `az network nsg rule create ${where} -n causeway-in --priority ${words.value('rulePriority', '200')} --direction Inbound --access Allow --protocol ${protocol} --source-address-prefixes ${source} --destination-address-prefixes '*' --destination-port-ranges ${service.port === '' ? "'*'" : service.port}`,
        ],
        console: ['Network security groups > the group > Inbound security rules > Add: the same source, protocol and port.'],
        terraform: `${block('resource', ['azurerm_network_security_rule', 'causeway_in'], {
          name: hcl('causeway-in'),
          resource_group_name: hcl(words.value('resourceGroup', 'RESOURCE_GROUP')),
          network_security_group_name: hcl(group('networkSecurityGroup', 'NETWORK_SECURITY_GROUP')),
          priority: words.value('rulePriority', '200'),
          direction: hcl('Inbound'),
          access: hcl('Allow'),
          protocol: hcl(service.protocol === 'all' ? '*' : protocol),
          source_port_range: hcl('*'),
          destination_port_range: hcl(service.port === '' ? '*' : service.port),
          source_address_prefix: hcl(source),
          destination_address_prefix: hcl('*'),
        })}\n`,
        undo: [`az network nsg rule delete ${where} -n causeway-in`],
        risk: 'The priority has to be free in the group, and lower than that of the rule that refuses.',
        verify: [`az network nsg rule list ${where} -o table`],
      });
    }
    case 'gcp': {
      const tag = parameter === 'serverSecurityGroups' ? words.value('serverTag', '') : '';
      const rules = service.port === '' ? service.protocol : `${service.protocol}:${service.port}`;
      return fix({
        ...rest,
        platform: 'gcp',
        commands: [
          `gcloud compute firewall-rules create causeway-allow-in${words.project} --network=${words.value('vpcNetwork', 'VPC_NETWORK')} --direction=INGRESS --action=ALLOW --rules=${rules} --source-ranges=${source}${tag === '' ? '' : ` --target-tags=${tag}`}`,
        ],
        console: ['VPC network > Firewall > Create rule: ingress, allow, the same source, protocol and port.'],
        terraform: `${block(
          'resource',
          ['google_compute_firewall', 'causeway_allow_in'],
          {
            name: hcl('causeway-allow-in'),
            network: hcl(words.value('vpcNetwork', 'VPC_NETWORK')),
            direction: hcl('INGRESS'),
            source_ranges: `[${hcl(source)}]`,
            ...(tag === '' ? {} : { target_tags: `[${hcl(tag)}]` }),
          },
          [
            nested('allow', {
              protocol: hcl(service.protocol),
              ...(service.port === '' ? {} : { ports: `[${hcl(service.port)}]` }),
            }),
          ],
        )}\n`,
        undo: [`gcloud compute firewall-rules delete causeway-allow-in${words.project}`],
        verify: [`gcloud compute firewall-rules describe causeway-allow-in${words.project}`],
      });
    }
    case 'oci': {
      const id = group('networkSecurityGroup', 'NETWORK_SECURITY_GROUP');
      return fix({
        ...rest,
        platform: 'oci',
        commands: [`oci network nsg rules add --nsg-id ${id} --security-rules '${JSON.stringify([ociRule(source, service)])}'`],
        console: [
          'Networking > the VCN > Security lists and Network security groups, both: an ingress rule with the same source.',
        ],
        terraform: `${block(
          'resource',
          ['oci_core_network_security_group_security_rule', 'causeway_in'],
          {
            network_security_group_id: hcl(id),
            direction: hcl('INGRESS'),
            protocol: hcl(ociProtocols[service.protocol]),
            source: hcl(source),
            source_type: hcl('CIDR_BLOCK'),
            description: hcl('causeway'),
          },
          ociPorts(service),
        )}\n`,
        undo: [
          `oci network nsg rules list --all --nsg-id ${id}`,
          `oci network nsg rules remove --nsg-id ${id} --security-rule-ids '["RULE_ID"]'`,
        ],
        verify: [`oci network nsg rules list --all --nsg-id ${id} --output table`],
      });
    }
    default:
      return byHand(title, inCloud(cause), [`In the filter of the network card: let in ${source}, ${serviceText(service)}.`]);
  }
}

function serviceText({ protocol, port }: Service): string {
  if (protocol === 'all') return 'every protocol';
  return port === '' ? protocol : `${protocol} port ${port}`;
}

function awsPermission({ protocol, port }: Service): string {
  if (protocol === 'all') return 'IpProtocol=-1';
  return protocol === 'icmp' ? 'IpProtocol=icmp,FromPort=-1,ToPort=-1' : `IpProtocol=${protocol},FromPort=${port},ToPort=${port}`;
}

function awsTerraform(group: string, source: string, { protocol, port }: Service): string {
  const ports =
    protocol === 'icmp' ? { from_port: '-1', to_port: '-1' } : protocol === 'all' ? {} : { from_port: port, to_port: port };
  return `${block('resource', ['aws_vpc_security_group_ingress_rule', 'causeway_in'], {
    security_group_id: hcl(group),
    cidr_ipv4: hcl(source),
    ip_protocol: hcl(protocol === 'all' ? '-1' : protocol),
    ...ports,
    description: hcl('causeway'),
  })}\n`;
}

const ociProtocols = { tcp: '6', udp: '17', icmp: '1', all: 'all' } as const;

/** Oracle's blocks for ports stand in the rule; without a port there is none. */
function ociPorts({ protocol, port }: Service): readonly string[] {
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  return [`${protocol}_options {\n  destination_port_range {\n    min = ${port}\n    max = ${port}\n  }\n}`];
}

function ociRule(source: string, { protocol, port }: Service) {
  const range = port === '' ? {} : { destinationPortRange: { min: portNumber(port), max: portNumber(port) } };
  const options = protocol === 'tcp' ? { tcpOptions: range } : protocol === 'udp' ? { udpOptions: range } : {};
  return {
    direction: 'INGRESS',
    protocol: ociProtocols[protocol],
    source,
    sourceType: 'CIDR_BLOCK',
    isStateless: false,
    description: 'causeway',
    ...options,
  };
}

/** answerPorts lets answers through a subnet's filter that knows no connections. */
export function answerPorts(cause: Cause, context: FixContext): Fix {
  const words = cloudWords(cause, context);
  const other = prefixAround(cause.facts.prefix, cause.facts.destination, context) ?? 'PREFIX';
  const title = "Let answers through the subnet's filter, which knows no connections";
  if (words.platform !== 'aws') {
    return byHand(title, inCloud(cause), [
      `In the stateless rules of the subnet: allow ${other} with ports 1024 to 65535, in both directions; or make the rules stateful.`,
    ]);
  }
  const acl = resourceWord(cause.facts.resource, 'NETWORK_ACL');
  const entry = (verb: string, side: string, rest: string) =>
    `${words.aws} ${verb} --network-acl-id ${acl} --${side} --rule-number RULE_NUMBER${rest}`;
  const allow = ` --protocol tcp --port-range From=1024,To=65535 --cidr-block ${other} --rule-action allow`;
  return fix({
    platform: 'aws',
    title,
    where: inCloud(cause),
    commands: [entry('create-network-acl-entry', 'ingress', allow), entry('create-network-acl-entry', 'egress', allow)],
    console: ['VPC > Network ACLs > the list of the subnet > Inbound and Outbound rules: allow TCP 1024-65535 for the range.'],
    terraform: `${block('resource', ['aws_network_acl_rule', 'causeway_answers'], {
      for_each: `{ ingress = false, egress = true }`,
      network_acl_id: hcl(acl),
      egress: 'each.value',
      rule_number: '90',
      protocol: hcl('tcp'),
      rule_action: hcl('allow'),
      cidr_block: hcl(other),
      from_port: '1024',
      to_port: '65535',
    })}\n`,
    undo: [entry('delete-network-acl-entry', 'ingress', ''), entry('delete-network-acl-entry', 'egress', '')],
    risk: 'RULE_NUMBER is a free one below the rule that refuses: the lowest number that matches decides.',
    verify: [`${words.aws} describe-network-acls --network-acl-ids ${acl} --query 'NetworkAcls[].Entries'`],
    evidence: 'documented',
  });
}

/** A word in capitals stays one: it is replaced before it is pasted. */
function portNumber(port: string): number | string {
  return /^[0-9]+$/.test(port) ? Number(port) : port;
}
