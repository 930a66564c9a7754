import { documentsOf, inEnvelope, isRecord, listIn, oneIn, wasRefused } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';

export const digitaloceanCommands: VendorCommands = {
  tool: 'doctl',
  signedIn:
    'doctl is signed in, curl is there, and DIGITALOCEAN_TOKEN holds the token (doctl has no command for subnets and routes yet)',
  permissions: ['vpc:read', 'droplet:read', 'firewall:read', 'route:read'],
  find: (site) => {
    const vpc = site.known('vpc');
    return [
      vpc === undefined
        ? `vpc=$(doctl compute droplet list --format PrivateIPv4,VPCUUID --no-header | awk '$1 == "${site.address()}" { print $2 }')`
        : `vpc=${vpc}`,
      // The token stays out of the arguments, which every user of the machine can read.
      `api() { printf 'header = "Authorization: Bearer %s"\\n' "$DIGITALOCEAN_TOKEN" | curl --silent --show-error --fail --config - "https://api.digitalocean.com/v2/$1"; }`,
      `subnets=$(api "vpcs/$vpc/subnets?per_page=200" | tr ',{}' '\\n' | sed -n 's/^ *"id": *"\\([0-9a-f-]*\\)".*/\\1/p')`,
    ];
  },
  checked: ['vpc', 'subnets'],
  parts: [
    { part: 'vpc', commands: [{ ask: 'doctl vpcs get "$vpc" --output json' }] },
    { part: 'subnets', commands: [{ ask: 'api "vpcs/$vpc/subnets?per_page=200"' }] },
    { part: 'droplets', commands: [{ ask: 'doctl compute droplet list --output json' }] },
    { part: 'firewalls', commands: [{ ask: 'doctl compute firewall list --output json' }] },
    { part: 'routes', commands: [{ ask: 'api "vpcs/$vpc/subnets/$id/routes?per_page=200"', each: 'subnets' }] },
  ],
  notes: ['Subnets and routes of a VPC are a preview of DigitalOcean.', 'Load balancers and databases are not read.'],
};

/**
 * digitaloceanPrinted: routes are asked for per subnet, and do not name it. They are one list for all subnets, so where those of one were
 * refused, or are not all of them, none are known: a subnet without routes would look as if it had none.
 */
export function digitaloceanPrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const documents = documentsOf(raw['routes']) ?? [];
  const areKnown =
    documentsOf(raw['routes']) !== null && !wasRefused(raw['routes']) && documents.every(({ answer }) => isLast(answer));
  const routes = documents.flatMap(({ of, answer }) =>
    inEnvelope(answer, 'routes').map((route) => (of !== null && isRecord(route) ? { subnet: of, ...route } : route)),
  );
  return {
    vpc: oneIn(raw['vpc'], 'vpc'),
    subnets: listIn(raw['subnets'], 'subnets'),
    droplets: listIn(raw['droplets'], 'droplets'),
    firewalls: listIn(raw['firewalls'], 'firewalls'),
    routes: areKnown ? routes : null,
  };
}

/** The API links to the next page of a list. */
function isLast(answer: unknown): boolean {
  const links = isRecord(answer) ? answer['links'] : undefined;
  const pages = isRecord(links) ? links['pages'] : undefined;
  return !isRecord(pages) || !('next' in pages);
}
