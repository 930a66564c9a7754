import { mostInRequest } from '../../contract/agent-request.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { parseAddress4 } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { containsAddress, strictPrefix } from '../../core/ip/prefix.ts';
import type { AgentAction } from '../../core/trace/findings/finding.ts';
import type { ProbeQuestion } from '../../core/trace/probe.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import type { Reader } from '../store/database.ts';

/** objectionToConnector says why nothing can be asked of a connector; undefined where it can. */
export async function objectionToConnector(reader: Reader, id: ConnectorId): Promise<string | undefined> {
  const connector = await reader.selectFrom('connector').select('suspended').where('id', '=', id).executeTakeFirst();
  if (connector === undefined) return 'There is no such connector.';
  return connector.suspended ? 'The connector is suspended. Activate it first.' : undefined;
}

/**
 * objectionToProbes says why these probes must not be sent by a connector: it asks nobody but what its own network has, not even where that
 * is an internet gateway, and by `site` what other networks have. The agent checks the same.
 */
export async function objectionToProbes(
  reader: Reader,
  id: ConnectorId,
  questions: readonly ProbeQuestion[],
): Promise<string | undefined> {
  if (questions.length === 0 || questions.length > mostInRequest)
    return `A request has 1 to ${String(mostInRequest)} probes, not ${String(questions.length)}.`;
  const wrong = questions.find((question) => !isWellFormed(question));
  if (wrong !== undefined)
    return `A ${wrong.protocol} probe with port ${String(wrong.port)} and ${String(wrong.bytes)} bytes is none: TCP has a port from 1 to 65535, ICMP none or 28 to 65535 bytes.`;
  const within = questions.filter(({ kind }) => kind !== 'site');
  const across = questions.filter(({ kind }) => kind === 'site');
  return (
    (within.length === 0 ? undefined : await objectionWithin(reader, id, within)) ??
    (across.length === 0 ? undefined : await objectionAcross(reader, id, across))
  );
}

async function objectionWithin(
  reader: Reader,
  id: ConnectorId,
  questions: readonly ProbeQuestion[],
): Promise<string | undefined> {
  const rows = await reader
    .selectFrom('connector')
    .innerJoin('network_route', 'network_route.network_id', 'connector.network_id')
    .select(['connector.lan_router', 'network_route.prefix'])
    .where('connector.id', '=', id)
    .execute();
  const prefixes = rows.map(({ prefix }) => prefix);
  const outside = questions.find(
    ({ target }) => !isAmong(target, prefixes) && !rows.some(({ lan_router }) => lan_router !== null && lan_router === target),
  );
  return outside === undefined
    ? undefined
    : `${quoteInput(outside.target)} is no IPv4 address behind this connector: it probes only what its network serves, and its router.`;
}

/**
 * A router outside its network's prefixes is not reached from another network, and a packet to it would leave this one by its own router: the
 * prefixes alone count here.
 */
async function objectionAcross(
  reader: Reader,
  id: ConnectorId,
  questions: readonly ProbeQuestion[],
): Promise<string | undefined> {
  const asker = await reader.selectFrom('connector').select('network_id').where('id', '=', id).executeTakeFirst();
  const own = asker?.network_id ?? null;
  if (own === null) return 'This connector is that of a host: only one of a network probes other networks.';
  const rows = await reader.selectFrom('network_route').select(['network_id', 'prefix']).execute();
  const prefixes = (isOwn: boolean) =>
    rows.filter(({ network_id }) => (network_id === own) === isOwn).map(({ prefix }) => prefix);
  const outside = questions.find(({ target }) => !isAmong(target, prefixes(false)) || isAmong(target, prefixes(true)));
  return outside === undefined
    ? undefined
    : `${quoteInput(outside.target)} is no IPv4 address of another network: from its LAN address into the tunnel a connector probes only what other networks serve.`;
}

/** IPv4 only: agents probe nothing else yet. */
function isAmong(target: string, prefixes: readonly PrefixText[]): boolean {
  const address = parseAddress4(target);
  return address.ok && prefixes.some((prefix) => containsAddress(strictPrefix(prefix), address.value));
}

function isWellFormed({ protocol, port, bytes }: ProbeQuestion): boolean {
  const within = (value: number, least: number) => Number.isInteger(value) && value >= least && value <= 65_535;
  return protocol === 'tcp'
    ? port !== null && within(port, 1) && bytes === null
    : port === null && (bytes === null || within(bytes, 28));
}

/** objectionToActions says why an agent would not do these; the agent judges names and values again. */
export function objectionToActions(actions: readonly AgentAction[]): string | undefined {
  if (actions.length === 0 || actions.length > mostInRequest)
    return `A request has 1 to ${String(mostInRequest)} fixes, not ${String(actions.length)}.`;
  for (const action of actions) {
    switch (action.kind) {
      case 'sysctl':
        if (!isSettingOfForwarding(action.name, action.value))
          return `${quoteInput(action.name)} = ${String(action.value)} is not among the settings that a connector changes.`;
        break;
      case 'accept-forward':
        if (!/^[\w.-]{1,64}$/.test(action.table) || !/^[\w.-]{1,64}$/.test(action.chain))
          return `${quoteInput(`${action.table} ${action.chain}`)} is no table and chain whose name a connector takes.`;
        break;
      case 'forget-flows':
        break;
    }
  }
  return undefined;
}

/** The list of agent/act.sh. */
const settings: readonly { readonly name: RegExp; readonly values: readonly number[] }[] = [
  { name: /^net\/ipv4\/ip_forward$/, values: [1] },
  { name: /^net\/ipv4\/conf\/[\w.@-]+\/forwarding$/, values: [1] },
  { name: /^net\/ipv4\/conf\/[\w.@-]+\/rp_filter$/, values: [0, 2] },
  { name: /^net\/ipv6\/conf\/all\/forwarding$/, values: [1] },
  { name: /^net\/ipv6\/conf\/[\w.@-]+\/accept_ra$/, values: [2] },
];

function isSettingOfForwarding(name: string, value: number): boolean {
  return !name.includes('..') && settings.some((each) => each.name.test(name) && each.values.includes(value));
}
