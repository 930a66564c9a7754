import type { Device } from '../model.ts';
import type { Attachment, ObservedMachine, TraceInput } from './input.ts';
import { isRecord } from './linux/json-section.ts';

/** withConnected is the same WPC as if these devices were connected: for questions that are not about whether somebody has switched on. */
export function withConnected(input: TraceInput, devices: readonly Device[]): TraceInput {
  const { attached, now } = input.observed;
  const missing = devices.filter(({ id }) => !attached.has(`device:${id}`));
  if (missing.length === 0) return input;
  const added = missing.map(({ id, userLane }): [`device:${typeof id}`, Attachment] => [
    `device:${id}`,
    { lane: `u${userLane}`, since: now, clientAddress: null },
  ]);
  return { ...input, observed: { ...input.observed, attached: new Map([...attached, ...added]) } };
}

/**
 * asAgentsWould is the input after a change, with the machines as their agents will have set them up for it: reports are of before. Of what the
 * model decides about a machine, that is NAT (connector/agent/nat.sh); routes into the tunnel follow within a second and concern what is added,
 * which no machine sends elsewhere. A report that cannot be read stays as it is.
 */
export function asAgentsWould(before: TraceInput, after: TraceInput): TraceInput {
  const was = new Map(before.model.networks.map(({ id, nat }) => [id, nat]));
  const changed = new Map(
    after.model.networks.filter(({ id, nat }) => was.has(id) && was.get(id) !== nat).map((each) => [each.id, each.nat]),
  );
  if (changed.size === 0) return after;
  const { gateway } = after.configuration;
  const machines = new Map(after.observed.machines);
  for (const { id, site } of after.model.connectors) {
    const nat = site.kind === 'network' ? changed.get(site.id) : undefined;
    const machine = machines.get(id);
    if (nat === undefined || machine === undefined) continue;
    machines.set(id, withMasqueraded(machine, nat === 'masquerade' ? gateway.tunnelRanges : [gateway.address]));
  }
  return { ...after, observed: { ...after.observed, machines } };
}

/** The set of the agent's own table that holds whose sources are hidden. */
function withMasqueraded(machine: ObservedMachine, sources: readonly string[]): ObservedMachine {
  const nft = machine.sections.get('nft');
  const parsed: unknown = nft === undefined ? undefined : tryParse(nft.body);
  if (nft === undefined || !isRecord(parsed) || !Array.isArray(parsed['nftables'])) return machine;
  const elem = sources.map((text) => {
    const [addr, length] = text.split('/');
    return length === undefined ? addr : { prefix: { addr, len: Number(length) } };
  });
  const nftables = parsed['nftables'].map((each: unknown) => {
    const set = isRecord(each) ? each['set'] : undefined;
    const isOurs = isRecord(set) && set['table'] === 'causeway_connector' && set['name'] === 'masqueraded';
    return isOurs ? { set: { ...set, elem } } : each;
  });
  const sections = new Map([...machine.sections, ['nft', { ...nft, body: JSON.stringify({ ...parsed, nftables }) }] as const]);
  return { sections };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
