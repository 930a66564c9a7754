import { z } from 'zod';
import type { Administrator } from '../administrator.ts';

/** InternetChoice is what a user group may say about traffic for the internet (api.md 2.3). */
export type InternetChoice = {
  readonly internetAccess: 'SPLIT_TUNNEL_ON' | 'SPLIT_TUNNEL_OFF' | 'RESTRICTED_INTERNET';
  readonly bypass?: readonly string[];
};

/** chooseInternetAccess changes a user group and gives what the API then says of it. */
export async function chooseInternetAccess(
  administrator: Administrator,
  group: string,
  { internetAccess, bypass = [] }: InternetChoice,
): Promise<string> {
  const answer = z.object({ internetAccess: z.string(), tunnelBypass: z.object({ ipv4Subnets: z.array(z.string()) }) });
  const wanted = { internetAccess, gatewaysIds: [], tunnelBypass: { ipv4Subnets: bypass } };
  const changed = await administrator.must(answer, 'PUT', `/api/v1/user-groups/${group}`, wanted);
  const exceptions = changed.tunnelBypass.ipv4Subnets;
  return `${changed.internetAccess}${exceptions.length === 0 ? '' : `, but for ${exceptions.join(', ')}`}`;
}

/** markAsInternetGateway says whether internet traffic of others may leave by a network, and gives what the API then says. */
export async function markAsInternetGateway(administrator: Administrator, network: string, egress: boolean): Promise<boolean> {
  const path = `/api/v1/networks/${network}`;
  await administrator.must(z.unknown(), 'PUT', path, { egress });
  return (await administrator.must(z.object({ egress: z.boolean() }), 'GET', path)).egress;
}

/** setResolver says which resolver the clients of people are told to use. */
export async function setResolver(administrator: Administrator, address: string): Promise<void> {
  const path = '/api/v1/settings/dns/custom-servers';
  await administrator.must(z.unknown(), 'PUT', path, { primaryIpV4: address, secondaryIpV4: '' });
}
