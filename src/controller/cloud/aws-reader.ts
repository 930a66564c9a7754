import type { DescribeNetworkInterfacesCommandOutput, Filter } from '@aws-sdk/client-ec2';
import {
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeNetworkAcls,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
} from '@aws-sdk/client-ec2';
import { CausewayError, conflict } from '../../contract/errors.ts';
import { awsProblem, isNotAllowed } from './aws-problem.ts';
import type { CloudReader, CloudSite } from './cloud-reader.ts';
import { awsAnswers, fromAws } from './from-aws.ts';

/** One answer, and all of them: a VPC with thousands of network cards is some ten pages. */
const answer_ms = 10_000;
const reading_ms = 60_000;

/**
 * awsReader reads a VPC with the vendor's SDK, which finds the credentials of this process by itself (environment, shared configuration,
 * instance role). It calls Describe actions only. `endpoint` is another address of the API, as tests have; `now` gives ISO 8601.
 */
export function awsReader({ endpoint, now }: { readonly endpoint?: string; readonly now: () => string }): CloudReader {
  return {
    read: async (site) => {
      const client = new EC2Client({
        ...(site.region === null ? {} : { region: site.region }),
        ...(endpoint === undefined ? {} : { endpoint }),
        maxAttempts: 3,
        requestHandler: { connectionTimeout: answer_ms, requestTimeout: answer_ms },
      });
      try {
        return await readVpc(client, site, now());
      } catch (error) {
        throw error instanceof CausewayError ? error : awsProblem(error);
      } finally {
        client.destroy();
      }
    },
  };
}

async function readVpc(client: EC2Client, { connector, card }: CloudSite, at: string) {
  const bounded = { abortSignal: AbortSignal.timeout(reading_ms) };
  const which =
    card === null
      ? { Name: 'addresses.private-ip-address', Values: [connector] }
      : { Name: 'network-interface-id', Values: [card] };
  const vpcId = vpcOf(
    await client.send(new DescribeNetworkInterfacesCommand({ Filters: [which] }), bounded),
    card ?? `with the address ${connector}`,
  );
  const inVpc: { Filters: Filter[] } = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const asked = { client };
  const [vpcs, networkInterfaces, subnets, routeTables, securityGroups, networkAcls] = await Promise.all([
    ifAllowed(client.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }), bounded)),
    all(paginateDescribeNetworkInterfaces(asked, inVpc, bounded), ({ NetworkInterfaces }) => NetworkInterfaces),
    all(paginateDescribeSubnets(asked, inVpc, bounded), ({ Subnets }) => Subnets),
    ifAllowed(all(paginateDescribeRouteTables(asked, inVpc, bounded), ({ RouteTables }) => RouteTables)),
    ifAllowed(all(paginateDescribeSecurityGroups(asked, inVpc, bounded), ({ SecurityGroups }) => SecurityGroups)),
    ifAllowed(all(paginateDescribeNetworkAcls(asked, inVpc, bounded), ({ NetworkAcls }) => NetworkAcls)),
  ]);
  const vpc = vpcs?.Vpcs?.[0] ?? { VpcId: vpcId };
  return fromAws(awsAnswers.parse({ vpc, networkInterfaces, subnets, routeTables, securityGroups, networkAcls }), at);
}

function vpcOf({ NetworkInterfaces: cards = [] }: DescribeNetworkInterfacesCommandOutput, what: string): string {
  const [own] = cards;
  if (own?.VpcId === undefined) {
    const message = `No network interface ${what} was found in AWS. Name it and its region as the router of this network (networkInterface, region).`;
    throw conflict('networkInterface', message);
  }
  if (cards.length > 1) {
    const message = `${String(cards.length)} network interfaces ${what} were found in AWS. Name the connector's as the router of this network (networkInterface).`;
    throw conflict('networkInterface', message);
  }
  return own.VpcId;
}

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[] | undefined): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}

async function ifAllowed<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNotAllowed(error)) return null;
    throw error;
  }
}
