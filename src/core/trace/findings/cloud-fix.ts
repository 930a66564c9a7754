import type { PrefixText } from '../../ip/prefix.ts';
import type { PlatformId } from '../../platforms/catalogue.ts';
import { block, hcl } from '../../platforms/terraform.ts';
import type { Cause } from '../cause.ts';
import { addressWord, prefixWord, resourceWord } from './command-words.ts';
import type { FixContext } from './entry.ts';
import type { Fix } from './finding.ts';
import { byHand, fix } from './fix.ts';
import { checkedOf, siteOf } from './route-fix.ts';
import { network } from './sentences.ts';

/** CloudWords are the names of a cloud's parts for commands: parameters that match their patterns, or words in capitals. */
export type CloudWords = {
  readonly platform: PlatformId | null;
  readonly value: (parameter: string, otherwise: string) => string;
  /** `aws ec2`, with the region where it is known. */
  readonly aws: string;
  /** For gcloud, where the project is known. */
  readonly project: string;
};

export function cloudWords(cause: Cause, context: FixContext): CloudWords {
  const { platform, parameters } = siteOf(cause, context);
  const values = platform === null ? undefined : checkedOf(platform, parameters).values;
  const value = (parameter: string, otherwise: string) => values?.get(parameter)?.[0] ?? otherwise;
  const region = platform === 'aws' ? value('region', '') : '';
  const project = platform === 'gcp' ? value('project', '') : '';
  return {
    platform,
    value,
    aws: region === '' ? 'aws ec2' : `aws --region ${region} ec2`,
    project: project === '' ? '' : ` --project=${project}`,
  };
}

export function inCloud({ facts }: Cause): string {
  return `anywhere, as one who may change the cloud of ${network(facts)}`;
}

/** sourceCheckOff lets the connector's network card pass packets that are not its own (tutorial.md 6). */
export function sourceCheckOff(cause: Cause, context: FixContext): Fix {
  const words = cloudWords(cause, context);
  const card = (otherwise: string) => resourceWord(cause.facts.resource, words.value('networkInterface', otherwise));
  const title = "Turn the source/destination check of the connector's network card off";
  const rest = { title, where: inCloud(cause), evidence: 'documented' } as const;
  switch (words.platform) {
    case 'aws': {
      const change = `${words.aws} modify-network-interface-attribute --network-interface-id ${card('NETWORK_INTERFACE')}`;
      return fix({
        ...rest,
        platform: 'aws',
        commands: [`${change} --no-source-dest-check`],
        console: ['EC2 > Network interfaces > the interface of the connector > Actions > Change source/dest. check: off.'],
        terraform:
          '# In the resource that makes the connector (aws_instance or aws_network_interface):\nsource_dest_check = false\n',
        undo: [`${change} --source-dest-check`],
        verify: [
          '# Has to print False.',
          `${words.aws} describe-network-interface-attribute --network-interface-id ${card('NETWORK_INTERFACE')} --attribute sourceDestCheck --output text --query SourceDestCheck.Value`,
        ],
      });
    }
    case 'azure': {
      const nic = `-g ${words.value('resourceGroup', 'RESOURCE_GROUP')} -n ${card('NETWORK_INTERFACE')}`;
      return fix({
        ...rest,
        platform: 'azure',
        commands: [`az network nic update ${nic} --ip-forwarding true`],
        console: ['The network interface of the connector > IP configurations > Enable IP forwarding.'],
        terraform:
          '# In the azurerm_network_interface of the connector (provider 3: enable_ip_forwarding):\nip_forwarding_enabled = true\n',
        undo: [`az network nic update ${nic} --ip-forwarding false`],
        verify: ['# Has to print true.', `az network nic show ${nic} --query enableIPForwarding`],
      });
    }
    case 'gcp':
      return fix({
        ...rest,
        platform: 'gcp',
        title: "Make the connector's machine anew with IP forwarding",
        console: [
          'IP forwarding is chosen when a machine is made: make it anew from its disk or an image, with "IP forwarding: On" (gcloud: --can-ip-forward).',
          'Then make a new install token for the connector and paste its line on the new machine.',
        ],
        terraform:
          '# In the google_compute_instance of the connector (a change makes the machine anew):\ncan_ip_forward = true\n',
        risk: 'The connector is away meanwhile, and its address may change: then the route needs the new one.',
        verify: [
          '# Has to print True.',
          `gcloud compute instances describe ${words.value('instance', 'INSTANCE')}${words.project} --format="value(canIpForward)"`,
        ],
      });
    case 'oci': {
      const change = `oci network vnic update --vnic-id ${resourceWord(cause.facts.resource, words.value('vnic', 'VNIC'))}`;
      return fix({
        ...rest,
        platform: 'oci',
        commands: [`${change} --skip-source-dest-check true`],
        console: ['Instance > Attached VNICs > Edit VNIC > Skip source/destination check.'],
        terraform:
          '# In the oci_core_instance or oci_core_vnic_attachment of the connector, in create_vnic_details:\nskip_source_dest_check = true\n',
        undo: [`${change} --skip-source-dest-check false`],
      });
    }
    default:
      return byHand(title, inCloud(cause), [
        'In the settings of the virtual machine or its network card: let it pass packets whose source or destination is another (AWS: source/dest. check off; Azure and Google Cloud: IP forwarding on; Oracle: skip source/destination check; hypervisors: IP filter off).',
      ]);
  }
}

/** retarget points a route of the cloud that is there, and leads elsewhere or nowhere, to the connector. */
export function retarget(cause: Cause, context: FixContext, prefix: PrefixText | undefined): Fix {
  const words = cloudWords(cause, context);
  const to = prefixWord(prefix, 'DESTINATION_PREFIX');
  const via = addressWord(cause.facts.lanAddress, 'CONNECTOR_LAN_ADDRESS');
  const table = (parameter: string) => resourceWord(cause.facts.resource, words.value(parameter, 'ROUTE_TABLE'));
  const title = `Point the route for ${to} to the connector`;
  const rest = {
    title,
    where: inCloud(cause),
    risk: 'Whoever made the route meant something by it: look first what else goes that way.',
    evidence: 'documented',
  } as const;
  switch (words.platform) {
    case 'aws':
      return fix({
        ...rest,
        platform: 'aws',
        commands: [
          `${words.aws} replace-route --route-table-id ${table('routeTables')} --destination-cidr-block ${to} --network-interface-id ${words.value('networkInterface', 'NETWORK_INTERFACE')}`,
        ],
        console: [
          'VPC > Route tables > the table of the servers > Edit routes: target Network Interface, that of the connector.',
        ],
        terraform: `${block('resource', ['aws_route', 'causeway'], {
          route_table_id: hcl(table('routeTables')),
          destination_cidr_block: hcl(to),
          network_interface_id: hcl(words.value('networkInterface', 'NETWORK_INTERFACE')),
        })}\n`,
        undo: [`# ${words.aws} replace-route with the target that it had`],
        verify: [
          '# Every line has to end in "active".',
          `${words.aws} describe-route-tables --route-table-ids ${table('routeTables')} --output text --query "RouteTables[].Routes[].[DestinationCidrBlock,State]"`,
        ],
      });
    case 'azure': {
      const where = `-g ${words.value('resourceGroup', 'RESOURCE_GROUP')} --route-table-name ${table('routeTable')}`;
      return fix({
        ...rest,
        platform: 'azure',
        commands: [
          `az network route-table route update ${where} -n ROUTE_NAME --address-prefix ${to} --next-hop-type VirtualAppliance --next-hop-ip-address ${via}`,
        ],
        console: [
          'Route tables > the table of the servers > Routes > the route: next hop type Virtual appliance, the address of the connector.',
        ],
        terraform: `${block('resource', ['azurerm_route', 'causeway'], {
          name: hcl('ROUTE_NAME'),
          resource_group_name: hcl(words.value('resourceGroup', 'RESOURCE_GROUP')),
          route_table_name: hcl(table('routeTable')),
          address_prefix: hcl(to),
          next_hop_type: hcl('VirtualAppliance'),
          next_hop_in_ip_address: hcl(via),
        })}\n`,
        undo: [`# az network route-table route update ${where} with the next hop that it had`],
        verify: [`az network route-table route list ${where} -o table`],
      });
    }
    case 'gcp':
      return fix({
        ...rest,
        platform: 'gcp',
        commands: [
          `gcloud compute routes delete ROUTE_NAME${words.project}`,
          `gcloud compute routes create ROUTE_NAME${words.project} --network=${words.value('vpcNetwork', 'VPC_NETWORK')} --destination-range=${to} --next-hop-address=${via}`,
        ],
        console: [
          'VPC network > Routes: a route cannot be changed. Create it anew with the address of the connector, and delete the old one.',
        ],
        terraform: `${block('resource', ['google_compute_route', 'causeway'], {
          name: hcl('ROUTE_NAME'),
          network: hcl(words.value('vpcNetwork', 'VPC_NETWORK')),
          dest_range: hcl(to),
          next_hop_ip: hcl(via),
        })}\n`,
        undo: ['# the same with the next hop that it had'],
        verify: [`gcloud compute routes list${words.project} --filter="destRange=${to}"`],
      });
    default:
      return byHand(
        title,
        inCloud(cause),
        [`In the route table of the servers' subnet: the next hop of ${to} is the connector, ${via}.`],
        { risk: rest.risk },
      );
  }
}
