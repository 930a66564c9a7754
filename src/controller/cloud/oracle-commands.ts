import { documentsOf, inEnvelope, isRecord, listIn, mapRecords, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';

const inVcn = '--compartment-id "$compartment" --vcn-id "$vcn" --all';

export const oracleCommands: VendorCommands = {
  tool: 'oci',
  signedIn: 'the OCI CLI is signed in, as in OCI Cloud Shell',
  permissions: ['allow group GROUP to read virtual-network-family in compartment COMPARTMENT'],
  find: (site) => [
    `vnic=${site.name('vnic', "the OCID of the connector's VNIC")}`,
    `subnet=$(oci network vnic get --vnic-id "$vnic" --query 'data."subnet-id"' --raw-output)`,
    `vcn=$(oci network subnet get --subnet-id "$subnet" --query 'data."vcn-id"' --raw-output)`,
    `compartment=$(oci network vcn get --vcn-id "$vcn" --query 'data."compartment-id"' --raw-output)`,
    `subnets=$(oci network subnet list ${inVcn} --query 'join(\`" "\`, data[].id)' --raw-output)`,
    `groups=$(oci network nsg list ${inVcn} --query 'join(\`" "\`, data[].id)' --raw-output)`,
    'vnics=',
    'for id in $subnets; do',
    `  vnics="$vnics $(oci network private-ip list --subnet-id "$id" --all --query 'join(\`" "\`, data[?"vnic-id"]."vnic-id")' --raw-output)"`,
    'done',
    `vnics=$(printf '%s\\n' $vnics | sort -u)`,
  ],
  checked: ['vcn', 'subnets'],
  parts: [
    { part: 'vcn', commands: [{ ask: 'oci network vcn get --vcn-id "$vcn"' }] },
    { part: 'vnics', commands: [{ ask: 'oci network vnic get --vnic-id "$id"', each: 'vnics' }] },
    { part: 'privateIps', commands: [{ ask: 'oci network private-ip list --subnet-id "$id" --all', each: 'subnets' }] },
    { part: 'subnets', commands: [{ ask: `oci network subnet list ${inVcn}` }] },
    { part: 'routeTables', commands: [{ ask: `oci network route-table list ${inVcn}` }] },
    { part: 'securityLists', commands: [{ ask: `oci network security-list list ${inVcn}` }] },
    {
      part: 'networkSecurityGroups',
      commands: [
        { ask: `oci network nsg list ${inVcn}` },
        { ask: 'oci network nsg rules list --nsg-id "$id" --all', each: 'groups' },
      ],
    },
  ],
  notes: ['What lies in another compartment than the VCN, gateways, peerings and IPv6 addresses of VNICs are not read.'],
};

/** The command line writes names with hyphens, and prints the rules of a security group without saying whose they are. */
export function oraclePrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named = (part: unknown) => mapRecords(part, withoutHyphens);
  const listOf = (part: unknown) => named(listIn(part, 'data'));
  return {
    vcn: named(oneIn(raw['vcn'], 'data')),
    vnics: listOf(raw['vnics']),
    privateIps: listOf(raw['privateIps']),
    subnets: listOf(raw['subnets']),
    routeTables: listOf(raw['routeTables']),
    securityLists: listOf(raw['securityLists']),
    networkSecurityGroups: groupsOf(named(raw['networkSecurityGroups'])),
  };
}

function withoutHyphens(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(record).map(([key, value]) => [
    key.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}

/** A group whose rules were not read is left out: without rules it would let nothing pass. */
function groupsOf(part: unknown): readonly unknown[] | null {
  const documents = documentsOf(part);
  if (documents === null) return null;
  const groups = documents.filter(({ of }) => of === null).flatMap(({ answer }) => inEnvelope(answer, 'data'));
  const rulesOf = new Map(
    documents.flatMap(({ of, answer }) => (of === null ? [] : [[of, inEnvelope(answer, 'data')] as const])),
  );
  const names = new Map(groups.flatMap((group) => (isRecord(group) ? [[group['id'], group['displayName']] as const] : [])));
  const whole = groups.filter((group) => !isRecord(group) || 'rules' in group);
  return [...whole, ...[...rulesOf].map(([id, rules]) => ({ id, displayName: names.get(id), rules }))];
}
