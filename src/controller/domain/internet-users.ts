import { sql } from 'kysely';
import type { EgressClassKey } from '../../core/egress-classes.ts';
import { egressClassKey } from '../../core/egress-classes.ts';
import type { HostId, NetworkId, UserGroupId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import { internetOf } from '../store/read-sites.ts';
import type { InternetAccess } from '../store/schema.ts';
import { shownName } from './shown-name.ts';

/** InternetUser is a user group, network or host whose internet traffic does not stay on the local line. */
export type InternetUser = {
  readonly kind: 'user-group' | 'network' | 'host';
  readonly id: UserGroupId | NetworkId | HostId;
  readonly name: string;
  readonly mode: Exclude<InternetAccess, 'SPLIT_TUNNEL_ON'>;
  readonly gateways: readonly NetworkId[];
  readonly key: EgressClassKey;
};

/** readInternetUsers gives all of them with one query: user groups, networks, hosts, each in the order of creation. */
export async function readInternetUsers(reader: Reader): Promise<InternetUser[]> {
  const { rows } = await sql<Omit<InternetUser, 'key'>>`
    select 'user-group' as kind, id, name, internet_access as mode, gateways_ids as gateways, number, 1 as place from user_group
      where internet_access <> 'SPLIT_TUNNEL_ON'
    union all select 'network', id, name, internet_access, gateways_ids, number, 2 from network
      where internet_access <> 'SPLIT_TUNNEL_ON'
    union all select 'host', id, name, internet_access, gateways_ids, number, 3 from host
      where internet_access <> 'SPLIT_TUNNEL_ON'
    order by place, number`.execute(reader);
  return rows.flatMap(({ kind, id, name, mode, gateways }) => {
    const key = egressClassKey(internetOf(mode, gateways, []));
    return key === undefined ? [] : [{ kind, id, name, mode, gateways, key }];
  });
}

/** kindWord is how people call it. */
export function kindWord(kind: InternetUser['kind']): string {
  return kind === 'user-group' ? 'user group' : kind;
}

/** namesOf writes down several with their kinds, as many as a sentence bears. */
export function namesOf(users: readonly Pick<InternetUser, 'kind' | 'name'>[]): string {
  const texts = users.slice(0, mostNamed).map(({ kind, name }) => `${kindWord(kind)} ${shownName(name)}`);
  return users.length > mostNamed ? `${texts.join(', ')} and ${String(users.length - mostNamed)} more` : texts.join(', ');
}

const mostNamed = 5;
