import { listIn, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';
import { asked } from './vendor-commands.ts';

export const hetznerCommands: VendorCommands = {
  tool: 'hcloud',
  signedIn: "hcloud has a context with the project's token",
  permissions: ['an API token of the project with the permission Read'],
  find: (site) => [`network=${site.name('network', 'the name or id of the network')}`],
  checked: ['network'],
  parts: asked({
    network: 'hcloud network describe "$network" -o json',
    servers: 'hcloud server list -o json',
  }),
  notes: ["Hetzner's firewalls filter public interfaces only, so they are not read."],
};

export function hetznerPrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { network: oneIn(raw['network'], 'network'), servers: listIn(raw['servers'], 'servers') };
}
