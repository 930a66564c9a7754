import { listIn, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';
import { asked } from './vendor-commands.ts';

export const googleCommands: VendorCommands = {
  tool: 'gcloud',
  signedIn: "gcloud is signed in and set to the network's project, as in Cloud Shell",
  permissions: [
    'compute.networks.get',
    'compute.instances.list',
    'compute.subnetworks.list',
    'compute.routes.list',
    'compute.firewalls.list',
  ],
  find: (site) => {
    const project = site.known('project');
    const network = site.known('vpcNetwork');
    return [
      ...(project === undefined ? [] : [`export CLOUDSDK_CORE_PROJECT=${project}`]),
      network === undefined
        ? `network=$(gcloud compute instances list --filter=networkInterfaces.networkIP=${site.address()} --format='value(networkInterfaces[0].network.basename())')`
        : `network=${network}`,
    ];
  },
  checked: ['network'],
  parts: asked({
    network: 'gcloud compute networks describe "$network" --format=json',
    // Metadata of machines may hold secrets: it is not asked for.
    instances: "gcloud compute instances list --format='json(name,selfLink,canIpForward,tags,serviceAccounts,networkInterfaces)'",
    subnetworks: 'gcloud compute networks subnets list --format=json',
    routes: 'gcloud compute routes list --format=json',
    firewalls: 'gcloud compute firewall-rules list --format=json',
  }),
  notes: ['Firewall policies of the organisation and of folders, routes by policy and peerings are not read.'],
};

export function googlePrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    network: oneIn(raw['network'], 'items'),
    instances: listIn(raw['instances'], 'items'),
    subnetworks: listIn(raw['subnetworks'], 'items'),
    routes: listIn(raw['routes'], 'items'),
    firewalls: listIn(raw['firewalls'], 'items'),
  };
}
