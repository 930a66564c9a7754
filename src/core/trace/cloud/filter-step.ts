import type { FindingCode } from '../finding-code.ts';
import { answerTo } from '../packet.ts';
import type { Session } from '../machine.ts';
import type { Step } from '../result.ts';
import { cloudCause } from './cloud-cause.ts';
import type { CloudState } from './cloud-state.ts';
import type { Crossing, End } from './crossing.ts';
import { cardKey, cloudStep, isAnswer, isConnector } from './crossing.ts';
import { judge, nearest } from './filter-verdict.ts';
import type { FilterVerdict } from './filter-verdict.ts';
import type { FilterLayer } from './layers.ts';
import { cardAt } from './lookup.ts';
import { refersTo } from './rule-match.ts';

/** Filtered is the step of a filter, and what it remembers of a packet that it let pass. */
export type Filtered = { readonly step: Step; readonly remembered: ReadonlyMap<string, Session> };

type Place = {
  readonly state: CloudState;
  readonly crossing: Crossing;
  readonly layer: FilterLayer;
  readonly end: End;
  readonly direction: 'in' | 'out';
};

const nothing: ReadonlyMap<string, Session> = new Map();

/**
 * filterStep passes a packet by one filter. What was not read is `assumed` to pass where the vendors let everything pass unless it is
 * forbidden (out of a card, network ACLs), and `unknown` where they let nothing pass unless it is allowed.
 */
export function filterStep(place: Place): Filtered {
  const { state, crossing, layer, end, direction } = place;
  const { packet, memory } = crossing;
  const stage = direction === 'in' ? 'cloud-filter-in' : 'cloud-filter-out';
  const { kind, rules } = layer;
  const where = placeName(place);
  const passed = (detail: string, quote: string | null, tracked: boolean): Filtered => ({
    step: cloudStep(state, stage, 'pass', detail, { quote }),
    remembered: tracked ? new Map([[trackKey(place), { original: packet, reply: answerTo(packet) }]]) : nothing,
  });
  if (kind.memory === 'stateful' && isAnswer(memory.get(trackKey(place)), packet)) {
    return passed(`${where}: it is the answer of a flow that was let pass`, null, false);
  }
  if (rules === null) {
    const usual = direction === 'out' || kind.memory === 'stateless';
    const detail = `${where}: its rules were not read${usual ? '; as they are set up by default they let it pass' : ''}`;
    const session = { original: packet, reply: answerTo(packet) };
    return {
      step: cloudStep(state, stage, usual ? 'assumed' : 'unknown', detail),
      remembered: usual && kind.memory === 'stateful' ? new Map([[trackKey(place), session]]) : nothing,
    };
  }
  if (layer.filters.length === 0 && kind.unbound === 'pass') return passed(`${where}: none is bound`, null, true);
  const verdict = judge(layer, rules, { state, packet, direction, card: end.card });
  switch (verdict.kind) {
    case 'allowed':
      return passed(`${where} allows it`, verdict.rule.text, !verdict.rule.stateless);
    case 'unsure':
      return {
        step: cloudStep(state, stage, 'unknown', `${where}: whether this rule matches depends on what was not read`, {
          quote: verdict.rule.text,
        }),
        remembered: nothing,
      };
    case 'denied':
      return { step: denial(place, stage, verdict), remembered: nothing };
  }
}

function denial(place: Place, stage: 'cloud-filter-in' | 'cloud-filter-out', verdict: FilterVerdict & { kind: 'denied' }): Step {
  const { state, crossing, layer, end } = place;
  const code = denialCode(place, verdict);
  const near = nearest(verdict.missed);
  const detail = [
    `${placeName(place)} ${verdict.rule === null ? 'has no rule that allows it' : 'denies it'}`,
    ...(near === '' ? [] : [`; rules that allow other packets: ${near}`]),
  ].join('');
  const ids = layer.filters.map(({ id }) => id);
  const isOurs = isConnector(crossing, end.address);
  const [bound] = layer.filters;
  const blamed = {
    id: bound?.id ?? cardKey(end),
    label: bound?.label ?? cardKey(end),
    card: isOurs ? end.card : undefined,
    ...(isOurs ? { connectorFilters: ids } : { serverFilters: ids }),
  };
  return cloudStep(state, stage, 'drop', detail, {
    quote: verdict.rule?.text ?? null,
    cause: cloudCause(state, code, blamed, crossing.packet, {
      family: layer.kind.word,
      chain: place.direction,
      ...(verdict.rule === null ? {} : { rule: verdict.rule.text }),
      observation: detail,
    }),
  });
}

/**
 * An answer that a filter denies, though the flow passed this card, was denied because something here remembers nothing: a network ACL or a
 * stateless rule, which then lacks the ports of answers. What else comes in at a connector is what the LAN begins.
 */
function denialCode(place: Place, { missed }: FilterVerdict & { kind: 'denied' }): FindingCode {
  const { state, crossing, layer, end, direction } = place;
  const began = isAnswer(crossing.memory.get(cardMemory(end)), crossing.packet);
  if (began) return 'NACL-EPHEMERAL';
  if (layer.kind.memory === 'stateless' || direction === 'out') return 'SG-DENY';
  if (isConnector(crossing, end.address)) return 'SG-CONNECTOR-IN';
  const sender = cardAt(state, crossing.sender);
  const lost = missed.some(
    ({ rule, missed: fields }) => fields.every((field) => field === 'source') && sender !== undefined && refersTo(rule, sender),
  );
  return lost ? 'SG-REF-LOST' : 'SG-DENY';
}

/** cardMemory is the key under which it is remembered that a flow went through a card, whatever its filters do. */
export function cardMemory(end: End): string {
  return `cloud card ${cardKey(end)}`;
}

function trackKey({ layer, end }: Place): string {
  return `cloud ${layer.at} filter ${cardKey(end)}`;
}

function placeName({ layer, end, direction }: Place): string {
  const names = layer.filters.map(({ label }) => label).join(', ');
  const what = names === '' ? layer.kind.word : `${layer.kind.word} ${names}`;
  const card = layer.at === 'card' ? (end.card?.label ?? cardKey(end)) : `the subnet of ${cardKey(end)}`;
  return `${what}, ${direction === 'in' ? 'into' : 'out of'} ${card}`;
}
