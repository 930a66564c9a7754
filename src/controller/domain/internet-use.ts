import { sql } from 'kysely';
import type { InternetRefusal, InternetUse } from '../../contract/api/internet-gateway.ts';
import { restrictedClass } from '../../core/egress-classes.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { Reader } from '../store/database.ts';
import type { InternetUser } from './internet-users.ts';
import { readInternetUsers } from './internet-users.ts';
import type { ReportedHealth } from './reported-health.ts';

/** InternetUsage is who leaves by which internet gateway now, and whose internet traffic is refused. */
export type InternetUsage = {
  readonly users: readonly InternetUser[];
  readonly uses: readonly InternetUse[];
  readonly refusals: readonly InternetRefusal[];
  /** Resolvers of the WPC that are on the internet: what restricted ones reach by an internet gateway. */
  readonly resolvers: readonly AddressText[];
};

/** readInternetUsage takes four queries at most, however many there are. */
export async function readInternetUsage(reader: Reader, health: ReportedHealth): Promise<InternetUsage> {
  const users = await readInternetUsers(reader);
  if (users.length === 0) return { users, uses: [], refusals: [], resolvers: [] };
  const resolvers = await internetResolvers(reader);
  const numbers = new Map(
    (await reader.selectFrom('egress_class').selectAll().execute()).map(({ key, number }) => [key, number]),
  );
  const uses: InternetUse[] = [];
  const refusals: InternetRefusal[] = [];
  for (const { kind, id, name, mode, key } of users) {
    const number = numbers.get(key);
    // Restricted ones have no use for an internet gateway but to ask a resolver behind it.
    if (number === undefined || (key === restrictedClass && resolvers.length === 0)) continue;
    for (const { region, owners, reason, since } of health.egress(`e${number}`)) {
      const user = { kind, id, name, internetAccess: mode, gatewayRegion: region, reason, since };
      const [owner] = owners;
      if (owner === undefined) refusals.push(user);
      else uses.push({ ...user, connectorId: owner });
    }
  }
  return { users, uses, refusals, resolvers };
}

/** internetResolvers are those of the WPC's resolvers that neither a network nor a tunnel has: they are on the internet. */
export async function internetResolvers(reader: Reader): Promise<AddressText[]> {
  const { rows } = await sql<{ address: AddressText }>`
    select host(address) as address from wpc, unnest(dns_servers) with ordinality as server (address, place)
    where not exists (select from network_route where network_route.prefix >>= address)
      and not exists (select from unnest(tunnel_ranges) as range where range >>= address)
    order by place`.execute(reader);
  return rows.map(({ address }) => address);
}
