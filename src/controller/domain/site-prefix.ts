import { sql } from 'kysely';
import { CausewayError, invalidInput, notSupported, overlap } from '../../contract/errors.ts';
import type { NetworkRouteId } from '../../core/ids.ts';
import type { Prefix4, PrefixText } from '../../core/ip/prefix.ts';
import { comparePrefix, formatPrefix, overlaps, parsePrefix, strictPrefix } from '../../core/ip/prefix.ts';
import { objectionTo } from '../../core/ip/reserved.ts';
import type { Reader } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { shownName } from './shown-name.ts';

/** SitePrefix is a prefix that was asked for, and the field that asked, for refusals. */
export type SitePrefix = { readonly field: string; readonly prefix: Prefix4 };

/**
 * parseSitePrefix reads the text of one route: canonical, IPv4, usable behind a network. Host bits are never cleared silently; the refusal
 * carries what was probably meant as `params.suggestion`.
 */
export function parseSitePrefix(field: string, text: string): SitePrefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) {
    const { reason, suggestion } = parsed;
    throw refused(field, reason, { value: text.slice(0, 80), ...(suggestion === undefined ? {} : { suggestion }) });
  }
  if (parsed.value.family === 6) {
    const why = 'is IPv6, which this version does not carry';
    throw notSupported(field, text, why, 'an IPv4 prefix such as 10.0.0.0/18');
  }
  const objection = objectionTo(parsed.value, 'network-prefix');
  if (objection !== undefined) {
    const { reason, conflict } = objection;
    throw refused(field, reason, { value: text, ...(conflict === undefined ? {} : { conflict }) });
  }
  return { field, prefix: parsed.value };
}

/** Reasons of core name the refused text themselves. */
function refused(field: string, reason: string, params: Readonly<Record<string, unknown>>): CausewayError {
  const message = `${field}: ${reason}`;
  const sentence = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${message.endsWith('?') ? '' : '.'}`;
  return new CausewayError('invalid-input', sentence, { details: [{ field, message, params }] });
}

/** refuseMutualOverlap refuses prefixes that came in one request and share addresses. Sorted, an overlap shows between neighbours. */
export function refuseMutualOverlap(wanted: readonly SitePrefix[]): void {
  const sorted = wanted.toSorted((a, b) => comparePrefix(a.prefix, b.prefix));
  for (const [index, right] of sorted.entries()) {
    const left = sorted[index - 1];
    if (left === undefined || !overlaps(left.prefix, right.prefix)) continue;
    throw overlap(right.field, formatPrefix(right.prefix), {
      prefix: formatPrefix(left.prefix),
      what: `${left.field} of the same request`,
    });
  }
}

/**
 * refuseOverlap refuses what shares an address with a tunnel range or with a prefix of any network, the same one included; it names both
 * sides. `except` is the route that is being changed. Two queries, however many prefixes.
 */
export async function refuseOverlap(reader: Reader, wanted: readonly SitePrefix[], except?: NetworkRouteId): Promise<void> {
  if (wanted.length === 0) return;
  const { tunnel_ranges } = await reader.selectFrom('wpc').select('tunnel_ranges').executeTakeFirstOrThrow();
  for (const { field, prefix } of wanted) {
    const range = tunnel_ranges.find((text) => overlaps(prefix, strictPrefix(text)));
    if (range !== undefined)
      throw overlap(field, formatPrefix(prefix), { prefix: range, what: 'the WPC (wpc/subnet, the tunnel addresses)' });
  }
  const clash = await firstClash(reader, wanted, except);
  if (clash !== undefined) throw clash;
}

async function firstClash(
  reader: Reader,
  wanted: readonly SitePrefix[],
  except: NetworkRouteId | undefined,
): Promise<CausewayError | undefined> {
  const texts: PrefixText[] = wanted.map(({ prefix }) => formatPrefix(prefix));
  let query = reader
    .selectFrom('network_route')
    .innerJoin('network', 'network.id', 'network_route.network_id')
    .select(['network_route.prefix', 'network.name'])
    .where((where) => where('network_route.prefix', '&&', where.fn.any(where.cast<PrefixText[]>(where.val(texts), sql`cidr[]`))))
    .orderBy('network_route.prefix')
    .limit(1);
  if (except !== undefined) query = query.where('network_route.id', '!=', except);
  const other = await query.executeTakeFirst();
  if (other === undefined) return undefined;
  const mine = wanted.find(({ prefix }) => overlaps(prefix, strictPrefix(other.prefix)));
  if (mine === undefined) throw new Error(`PostgreSQL and core disagree on what overlaps ${other.prefix}`);
  return overlap(mine.field, formatPrefix(mine.prefix), { prefix: other.prefix, what: `network ${shownName(other.name)}` });
}

/**
 * withOverlapJudge runs a change that writes these prefixes. Whoever wrote past our check meets the exclusion constraint; that refusal is
 * given the same words as the check's.
 */
export async function withOverlapJudge<Result>(
  store: Store,
  wanted: readonly SitePrefix[],
  change: () => Promise<Result>,
): Promise<Result> {
  try {
    return await change();
  } catch (error) {
    if (!isExclusion(error)) throw error;
    const clash = await firstClash(store.database, wanted, undefined);
    throw (
      clash ?? invalidInput(wanted[0]?.field ?? 'value', undefined, 'overlapped a prefix that was just removed; send it again')
    );
  }
}

function isExclusion(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'network_route_no_overlap';
}
