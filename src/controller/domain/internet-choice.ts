import { isDeepStrictEqual } from 'node:util';
import { conflict, invalidInput, overlap } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { Prefix4, PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix, overlaps, parsePrefix, strictPrefix } from '../../core/ip/prefix.ts';
import { objectionTo } from '../../core/ip/reserved.ts';
import type { Reader } from '../store/database.ts';
import type { InternetAccess } from '../store/schema.ts';
import { namesOf, readInternetUsers } from './internet-users.ts';
import { referredId } from './object-id.ts';
import { shownName } from './shown-name.ts';
import { refuseMutualOverlap, refuseOverlap } from './site-prefix.ts';

/**
 * InternetChoice is where internet traffic of a user group, network or host goes, as it was written. `gateways` is empty but with
 * SPLIT_TUNNEL_OFF, `bypass` is empty with SPLIT_TUNNEL_ON and always for what is no user group.
 */
export type InternetChoice = {
  readonly mode: InternetAccess;
  readonly gateways: readonly NetworkId[];
  readonly bypass: readonly PrefixText[];
};

/** InternetWish is what a request says of it; what is undefined is not said. */
export type InternetWish = {
  readonly internetAccess?: InternetAccess | undefined;
  readonly gatewaysIds?: readonly string[] | undefined;
  readonly tunnelBypass?: { readonly ipv4Subnets?: readonly string[] | undefined } | undefined;
};

/** defaultChoice is what the settings give to what does not say. */
export async function defaultChoice(reader: Reader): Promise<InternetChoice> {
  const { default_internet_access } = await reader.selectFrom('wpc').select('default_internet_access').executeTakeFirstOrThrow();
  return { mode: default_internet_access, gateways: [], bypass: [] };
}

/** Each entry is a line that every client of the group is pushed and a route in its table. */
const mostBypasses = 100;

/**
 * chooseInternet gives what holds after a request: what is not said stays, as far as the mode has a use for it. What the mode has no use for
 * is refused where it is said and dropped where it is not, so that what was written is what is read (api.md 6, docs/decisions/0073). Reads
 * only for what differs from `held`. SPLIT_TUNNEL_OFF without any internet gateway is accepted: groups are often made before networks; its
 * internet traffic is refused until there is one, and the status says so.
 */
export async function chooseInternet(reader: Reader, wish: InternetWish, held: InternetChoice): Promise<InternetChoice> {
  const mode = wish.internetAccess ?? held.mode;
  const gateways = await chooseGateways(reader, wish.gatewaysIds, mode, held.gateways);
  const bypass = await chooseBypass(reader, wish.tunnelBypass?.ipv4Subnets, mode, held.bypass);
  return { mode, gateways, bypass };
}

async function chooseGateways(
  reader: Reader,
  texts: readonly string[] | undefined,
  mode: InternetAccess,
  held: readonly NetworkId[],
): Promise<readonly NetworkId[]> {
  if (mode !== 'SPLIT_TUNNEL_OFF') {
    if (texts !== undefined && texts.length > 0) {
      const problem = `is given with ${mode}, which uses no internet gateway`;
      throw invalidInput('gatewaysIds', texts, problem, 'an empty list, or internetAccess SPLIT_TUNNEL_OFF');
    }
    return [];
  }
  if (texts === undefined || isDeepStrictEqual(texts, held)) return held;
  return requireGateways(reader, texts);
}

async function requireGateways(reader: Reader, texts: readonly string[]): Promise<NetworkId[]> {
  const ids = texts.map((text) => referredId('network', text));
  const present = ids.filter((id) => id !== undefined);
  const rows =
    present.length === 0
      ? []
      : await reader.selectFrom('network').select(['id', 'name', 'egress']).where('id', 'in', present).execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const field = `gatewaysIds.${String(index)}`;
    const network = id === undefined ? undefined : known.get(id);
    if (id === undefined || network === undefined) {
      throw invalidInput(
        field,
        texts[index],
        'is not the id of a network',
        'ids of networks with egress true; empty for all of them',
      );
    }
    if (!network.egress) {
      const problem = `is the network ${shownName(network.name)}, which is no internet gateway`;
      throw invalidInput(field, texts[index], problem, 'ids of networks with egress true; set egress of this one first');
    }
    if (ids.indexOf(id) !== index) throw invalidInput(field, texts[index], 'is given twice', 'each internet gateway once');
    return id;
  });
}

async function chooseBypass(
  reader: Reader,
  texts: readonly string[] | undefined,
  mode: InternetAccess,
  held: readonly PrefixText[],
): Promise<readonly PrefixText[]> {
  const field = 'tunnelBypass.ipv4Subnets';
  if (mode === 'SPLIT_TUNNEL_ON') {
    if (texts !== undefined && texts.length > 0) {
      const problem = 'has no effect with SPLIT_TUNNEL_ON, where internet traffic stays on the local line anyway';
      throw invalidInput(field, texts, problem, 'an empty list, or internetAccess SPLIT_TUNNEL_OFF or RESTRICTED_INTERNET');
    }
    return [];
  }
  if (texts === undefined || isDeepStrictEqual(texts, held)) return held;
  if (texts.length > mostBypasses) {
    throw invalidInput(field, texts.length, 'is not a possible number of prefixes', `up to ${String(mostBypasses)}`);
  }
  const wanted = texts.map((text, index) => parseBypass(`${field}.${String(index)}`, text));
  refuseMutualOverlap(wanted);
  await refuseOverlap(reader, wanted);
  return wanted.map(({ prefix }) => formatPrefix(prefix));
}

function parseBypass(field: string, text: string): { readonly field: string; readonly prefix: Prefix4 } {
  const parsed = parsePrefix(text);
  const allowed = 'an IPv4 prefix such as 198.51.100.0/24';
  if (!parsed.ok) throw invalidInput(field, text, `cannot bypass the tunnel (${parsed.reason})`, allowed);
  const prefix = parsed.value;
  if (prefix.family === 6) throw invalidInput(field, text, 'is IPv6, which never goes past the tunnel', allowed);
  if (prefix.length === 0) {
    throw invalidInput(
      field,
      text,
      'is the whole internet',
      `${allowed}; internetAccess SPLIT_TUNNEL_ON leaves all of it on the local line`,
    );
  }
  const objection = objectionTo(prefix, 'network-prefix');
  if (objection !== undefined) throw invalidInput(field, text, `cannot bypass the tunnel (${objection.reason})`, allowed);
  return { field, prefix };
}

/** refuseLoop refuses an internet gateway that would send its own internet traffic into the tunnel, and so back to itself. */
export function refuseLoop(egress: boolean, mode: InternetAccess): void {
  if (!egress || mode === 'SPLIT_TUNNEL_ON') return;
  const problem = 'would send the internet traffic of an internet gateway (egress true) back into the tunnel';
  throw invalidInput('internetAccess', mode, problem, 'SPLIT_TUNNEL_ON, or egress false');
}

/** refuseWhileNamed refuses to take an internet gateway away from those who name it in gatewaysIds; `undo` says what was asked for. */
export async function refuseWhileNamed(reader: Reader, id: NetworkId, name: string, undo: string): Promise<void> {
  const naming = (await readInternetUsers(reader)).filter(({ gateways }) => gateways.includes(id));
  if (naming.length === 0) return;
  throw conflict(
    'egress',
    `Network ${shownName(name)} ${undo} while it is an internet gateway of ${namesOf(naming)}. Take its id from their gatewaysIds first, or set another internetAccess there.`,
    { usedBy: naming.map(({ kind, id: user }) => ({ kind, id: user })) },
  );
}

/** refuseBypassed refuses prefixes of networks or tunnel ranges that a user group sends past the tunnel. One query, however many. */
export async function refuseBypassed(
  reader: Reader,
  wanted: readonly { readonly field: string; readonly prefix: Prefix4 }[],
): Promise<void> {
  if (wanted.length === 0) return;
  const groups = await reader
    .selectFrom('user_group')
    .select(['name', 'tunnel_bypass'])
    .where((where) => where(where.fn<number>('cardinality', ['tunnel_bypass']), '>', 0))
    .orderBy('number')
    .execute();
  for (const { name, tunnel_bypass } of groups) {
    for (const text of tunnel_bypass) {
      const bypass = strictPrefix(text);
      const mine = wanted.find(({ prefix }) => overlaps(prefix, bypass));
      if (mine === undefined) continue;
      throw overlap(mine.field, formatPrefix(mine.prefix), {
        prefix: text,
        what: `the tunnel bypass of user group ${shownName(name)}`,
      });
    }
  }
}
