import { sql } from 'kysely';
import { conflict, invalidInput, notSupported, overlap } from '../../contract/errors.ts';
import type { CausewayError } from '../../contract/errors.ts';
import { gatewayAddress } from '../../core/allocation.ts';
import { formatAddress, strictAddress } from '../../core/ip/address.ts';
import type { Prefix, Prefix4, PrefixText } from '../../core/ip/prefix.ts';
import {
  containsAddress,
  firstAddress,
  formatPrefix,
  lastAddress,
  overlaps,
  parsePrefix,
  strictPrefix,
} from '../../core/ip/prefix.ts';
import { objectionTo } from '../../core/ip/reserved.ts';
import { refuseBypassed } from '../domain/internet-choice.ts';
import { shownName } from '../domain/shown-name.ts';
import type { Actor } from '../principal.ts';
import type { ModelTrx } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { changeWpcSettings } from './wpc-settings.ts';

const field = 'ipV4Address';

/**
 * A range below /28 has no room for a gateway, a connector and a device; one above /8 would take a whole class from the sites. Some 16 ranges
 * are already more than any route table wants to repeat for each endpoint.
 */
const lengths = { shortest: 8, longest: 28 };
const mostRanges = 16;

/**
 * setTunnelRanges replaces the ranges from which tunnel addresses are given. Refused, with everything that is in the way named: a range
 * that overlaps another one, a network's prefix, a tunnel bypass or a reserved range, and a change that would leave an endpoint's address outside, or in
 * the place of the gateway's own.
 */
export async function setTunnelRanges(
  store: Store,
  actor: Actor,
  wanted: { readonly ipV4Address: readonly string[]; readonly ipV6Address: readonly string[] },
): Promise<void> {
  if (wanted.ipV6Address.length > 0) {
    throw notSupported('ipV6Address', wanted.ipV6Address[0], 'is not available: tunnels carry IPv4 only', 'an empty list');
  }
  const ranges = parseRanges(wanted.ipV4Address);
  await changeWpcSettings(store, actor, async ({ trx }) => {
    await refuseCollisions(trx, ranges);
    await refuseBypassed(
      trx,
      ranges.map((prefix, index) => ({ field: `${field}.${String(index)}`, prefix })),
    );
    await refuseStranding(trx, ranges);
    return { tunnel_ranges: ranges.map((range) => formatPrefix(range)) };
  });
}

function parseRanges(texts: readonly string[]): [Prefix4, ...Prefix4[]] {
  const ranges: Prefix4[] = [];
  for (const [index, text] of texts.entries()) {
    const name = `${field}.${String(index)}`;
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw invalidInput(name, text, `cannot be a tunnel range: ${parsed.reason}`);
    const range = parsed.value;
    if (range.family !== 4) throw invalidInput(name, text, 'is not an IPv4 prefix', 'a prefix such as 100.96.0.0/11');
    if (range.length < lengths.shortest || range.length > lengths.longest) {
      throw invalidInput(
        name,
        text,
        'has a length that cannot be used',
        `lengths from /${String(lengths.shortest)} to /${String(lengths.longest)}`,
      );
    }
    const objection = objectionTo(range, 'tunnel-range');
    if (objection !== undefined) throw invalidInput(name, text, `cannot be a tunnel range: ${objection.reason}`);
    const other = ranges.find((each) => overlaps(each, range));
    if (other !== undefined) throw overlap(name, text, { prefix: formatPrefix(other), what: 'the same list' });
    ranges.push(range);
  }
  const [first, ...rest] = ranges;
  if (first === undefined || ranges.length > mostRanges) {
    throw invalidInput(field, texts.length, 'is not a possible number of tunnel ranges', `1 to ${String(mostRanges)} prefixes`);
  }
  return [first, ...rest];
}

async function refuseCollisions(trx: ModelTrx, ranges: readonly Prefix4[]): Promise<void> {
  const texts = ranges.map((range) => formatPrefix(range));
  const collision = await trx
    .selectFrom('network_route')
    .innerJoin('network', 'network.id', 'network_route.network_id')
    .select(['network_route.prefix', 'network.name'])
    .where(sql<boolean>`network_route.prefix && any (${texts}::cidr[])`)
    .orderBy('network_route.prefix')
    .executeTakeFirst();
  if (collision === undefined) return;
  const theirs = strictPrefix(collision.prefix);
  const index = ranges.findIndex((range) => overlaps(range, theirs));
  throw overlap(`${field}.${String(index)}`, texts[index] ?? '', {
    prefix: collision.prefix,
    what: `network ${shownName(collision.name)}`,
  });
}

type Endpoint = { readonly address: string; readonly what: string };

/** So many are named in the message; all of them are in the details. */
const namedEndpoints = 5;

async function refuseStranding(trx: ModelTrx, ranges: readonly [Prefix4, ...Prefix4[]]): Promise<void> {
  const rows = await trx
    .selectFrom('tunnel_address')
    .leftJoin('connector', 'connector.id', 'tunnel_address.connector_id')
    .leftJoin('device', 'device.id', 'tunnel_address.device_id')
    .select(['tunnel_address.address', 'connector.name as connector', 'device.name as device'])
    .where('tunnel_address.released_at', 'is', null)
    .orderBy('tunnel_address.address')
    .execute();
  const endpoints = rows.map(({ address, connector, device }) => ({
    address,
    what: connector === null ? `device ${shownName(device ?? '')}` : `connector ${shownName(connector)}`,
  }));
  const gateway = formatAddress(gatewayAddress(ranges[0]));
  const stranded = endpoints.filter(({ address }) => !ranges.some((range) => isUsable(range, address)) || address === gateway);
  if (stranded.length > 0) throw strandedEndpoints(stranded, ranges);
}

/** The first and the last address of a range are never an endpoint's (core/allocation.ts). */
function isUsable(range: Prefix4, text: string): boolean {
  const address = strictAddress(text);
  return (
    containsAddress(range, address) && address.value !== firstAddress(range).value && address.value !== lastAddress(range).value
  );
}

function strandedEndpoints(stranded: readonly Endpoint[], ranges: readonly Prefix[]): CausewayError {
  const texts: readonly PrefixText[] = ranges.map((range) => formatPrefix(range));
  const named = stranded.slice(0, namedEndpoints).map(({ what, address }) => `${what} (${address})`);
  const rest = stranded.length - named.length;
  return conflict(
    field,
    `The tunnel ranges ${texts.join(', ')} would leave ${named.join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''} without a usable ` +
      'address. Keep a range that holds them, or delete those endpoints and make them again afterwards.',
    { stranded: stranded.map(({ what, address }) => ({ what, address })), wanted: texts },
  );
}
