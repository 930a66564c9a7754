import { isDeepStrictEqual } from 'node:util';
import { invalidInput } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { formatAddress, parseAddress4 } from '../../core/ip/address.ts';
import { containsAddress, hostPrefix, strictPrefix } from '../../core/ip/prefix.ts';
import { objectionTo } from '../../core/ip/reserved.ts';
import type { Reader } from '../store/database.ts';
import { shownName } from './shown-name.ts';

/**
 * checkProbeTargets reads the addresses that are to be probed through a network's connectors: behind it, or on the internet where it is an
 * internet gateway. Refused are those that a probe would not reach through it: tunnel addresses and what is behind another network.
 */
export async function checkProbeTargets(
  reader: Reader,
  network: NetworkId,
  texts: readonly string[],
  held: readonly AddressText[],
): Promise<readonly AddressText[]> {
  if (isDeepStrictEqual(texts, held)) return held;
  const { tunnel_ranges } = await reader.selectFrom('wpc').select('tunnel_ranges').executeTakeFirstOrThrow();
  const others = await reader
    .selectFrom('network_route')
    .innerJoin('network', 'network.id', 'network_route.network_id')
    .select(['network_route.prefix', 'network.name'])
    .where('network.id', '!=', network)
    .execute();
  const allowed = 'the IPv4 address of a machine behind this network that answers pings, such as its router';
  return texts.map((text, index) => {
    const field = `probeTargets.${String(index)}`;
    const refuse = (problem: string) => invalidInput(field, text, problem, allowed);
    const parsed = parseAddress4(text);
    if (!parsed.ok) throw refuse(`cannot be probed (${parsed.reason})`);
    const address = parsed.value;
    const objection = objectionTo(hostPrefix(address), 'network-prefix');
    if (objection !== undefined) throw refuse(`cannot be probed (${objection.reason})`);
    if (tunnel_ranges.some((range) => containsAddress(strictPrefix(range), address))) throw refuse('is a tunnel address');
    const other = others.find(({ prefix }) => containsAddress(strictPrefix(prefix), address));
    if (other !== undefined) throw refuse(`is behind network ${shownName(other.name)} (${other.prefix})`);
    if (texts.indexOf(text) !== index) throw refuse('is given twice');
    return formatAddress(address);
  });
}
