import { isDeepStrictEqual } from 'node:util';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import { strictAddress } from '../../core/ip/address.ts';
import { containsAddress, strictPrefix } from '../../core/ip/prefix.ts';
import type { LanStatement } from '../../core/trace/statement.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';

const nothingSaid: LanStatement = { router: null, servers: [] };

/** readLanStatement gives what was said of a network's LAN; nothing where nobody has said anything. */
export async function readLanStatement(reader: Reader, network: NetworkId): Promise<LanStatement> {
  const row = await reader
    .selectFrom('network')
    .leftJoin('lan_statement', 'lan_statement.network_id', 'network.id')
    .select('lan_statement.statement')
    .where('network.id', '=', network)
    .executeTakeFirst();
  if (row === undefined) throw notFound('network', network);
  return row.statement ?? nothingSaid;
}

/** stateLan keeps what an operator says of a LAN in place of what was said before. Saying it twice changes nothing. */
export async function stateLan(change: Change, network: NetworkId, statement: LanStatement): Promise<LanStatement> {
  const { trx, record } = change;
  const before = await readLanStatement(trx, network);
  const rows = await trx
    .selectFrom('network_route')
    .select('prefix')
    .where('network_id', '=', network)
    .orderBy('prefix')
    .execute();
  const prefixes = rows.map(({ prefix }) => prefix);
  for (const [index, { address }] of statement.servers.entries()) {
    if (prefixes.some((prefix) => containsAddress(strictPrefix(prefix), strictAddress(address)))) continue;
    const allowed = prefixes.length === 0 ? 'none, the network has no prefix' : `addresses in ${prefixes.join(', ')}`;
    throw invalidInput(`servers.${String(index)}.address`, address, 'is not behind this network', allowed);
  }
  if (isDeepStrictEqual(before, statement)) return before;
  const row = { statement: JSON.stringify(statement) };
  await trx
    .insertInto('lan_statement')
    .values({ network_id: network, ...row })
    .onConflict((conflicting) => conflicting.column('network_id').doUpdateSet(row))
    .execute();
  record({ entity: 'network', entityId: network, action: 'lan-stated', before, after: statement });
  return statement;
}
