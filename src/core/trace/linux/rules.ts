import type { Family } from '../../ip/address.ts';
import { tryParseAddress } from '../../ip/address.ts';
import type { Prefix } from '../../ip/prefix.ts';
import { addressBits, prefixOf } from '../../ip/prefix.ts';
import type { ObservedMachine } from '../input.ts';
import type { JsonRecord } from './json-section.ts';
import { countField, field, readRecords, strangeKeys, textField, wordsOf } from './json-section.ts';
import type { Known } from './known.ts';
import { prefixWords } from './prefix-words.ts';

type Range = { readonly first: number; readonly last: number };

export type RuleAction =
  | {
      readonly kind: 'lookup';
      readonly table: string;
      /** Routes with a prefix of this length or shorter are passed over; -1: none. */
      readonly suppressLength: number;
      /** Routes by an interface of this group are passed over. */
      readonly suppressGroup: string | null;
    }
  | { readonly kind: 'goto'; readonly priority: number }
  | { readonly kind: 'nop' }
  | { readonly kind: 'blackhole' | 'unreachable' | 'prohibit' };

/** PolicyRule is one line of `ip rule`. Null: the rule does not ask. */
export type PolicyRule = {
  readonly priority: number;
  readonly inverted: boolean;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly oif: string | null;
  /** It names an interface that is not there: never true. */
  readonly detached: boolean;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  /** Asks for a TOS other than 0. */
  readonly tos: boolean;
  readonly protocol: string | null;
  readonly sourcePorts: Range | null;
  readonly destinationPorts: Range | null;
  readonly users: Range | null;
  /** Asks whether the interface belongs to a VRF. */
  readonly vrf: boolean;
  readonly action: RuleAction;
  /** What it holds that is not modelled; null where there is nothing. */
  readonly problem: string | null;
  /** As `ip rule` prints it. */
  readonly text: string;
};

const knownKeys = new Set(
  `priority not src srclen dst dstlen tos fwmark fwmask iif iif_detached oif oif_detached l3mdev uid_start uid_end ipproto sport
   sport_start sport_end dport dport_start dport_end table suppress_prefixlen suppress_ifgroup flow_to flow_from goto unresolved nop action
   protocol`.split(/\s+/),
);

/** readRules reads the section `rule` or `rule6`, in the kernel's order. */
export function readRules(machine: ObservedMachine, family: Family): Known<readonly PolicyRule[]> {
  return readRecords(machine, family === 4 ? 'rule' : 'rule6', (record) => readRule(record, family));
}

function readRule(record: JsonRecord, family: Family): PolicyRule | undefined {
  const priority = countField(record, 'priority');
  const from = readPrefix(record, 'src', family);
  const to = readPrefix(record, 'dst', family);
  const action = readAction(record);
  if (priority === undefined || from === undefined || to === undefined || action === undefined) return undefined;
  const mark = readMark(record);
  const sourcePorts = readRange(record, 'sport', 'sport_start', 'sport_end');
  const destinationPorts = readRange(record, 'dport', 'dport_start', 'dport_end');
  const users = readRange(record, 'uid', 'uid_start', 'uid_end');
  if (mark === undefined || sourcePorts === undefined || destinationPorts === undefined || users === undefined) return undefined;
  const strange = strangeKeys(record, knownKeys);
  const tos = textField(record, 'tos');
  return {
    priority,
    inverted: field(record, 'not') !== undefined,
    from,
    to,
    iif: textField(record, 'iif') ?? null,
    oif: textField(record, 'oif') ?? null,
    detached: field(record, 'iif_detached') !== undefined || field(record, 'oif_detached') !== undefined,
    mark,
    tos: tos !== undefined && Number(tos) !== 0,
    protocol: textField(record, 'ipproto') ?? null,
    sourcePorts,
    destinationPorts,
    users,
    vrf: field(record, 'l3mdev') !== undefined,
    action,
    problem: strange.length === 0 ? null : strange.join(', '),
    text: ruleText(record, priority, from, to, action),
  };
}

/** Null for `all`; undefined where it cannot be read. */
function readPrefix(record: JsonRecord, name: 'src' | 'dst', family: Family): Prefix | null | undefined {
  const value = field(record, name);
  if (value === undefined || value === 'all') return null;
  const address = typeof value === 'string' ? tryParseAddress(value) : undefined;
  const length = field(record, `${name}len`) === undefined ? addressBits(family) : countField(record, `${name}len`);
  if (address === undefined || address.family !== family || length === undefined || length > addressBits(family))
    return undefined;
  return prefixOf(address, length);
}

function readMark(record: JsonRecord): PolicyRule['mark'] | undefined {
  if (field(record, 'fwmark') === undefined && field(record, 'fwmask') === undefined) return null;
  const value = Number(textField(record, 'fwmark') ?? '0');
  const mask = Number(textField(record, 'fwmask') ?? '0xffffffff');
  if (value >>> 0 !== value || mask >>> 0 !== mask) return undefined;
  return { value, mask };
}

function readRange(record: JsonRecord, one: string, start: string, end: string): Range | null | undefined {
  if (field(record, one) !== undefined) {
    const only = countField(record, one);
    return only === undefined ? undefined : { first: only, last: only };
  }
  if (field(record, start) === undefined) return null;
  const first = countField(record, start);
  const last = countField(record, end);
  return first === undefined || last === undefined ? undefined : { first, last };
}

function readAction(record: JsonRecord): RuleAction | undefined {
  const target = countField(record, 'goto');
  if (target !== undefined) return { kind: 'goto', priority: target };
  if (field(record, 'nop') !== undefined) return { kind: 'nop' };
  const kind = textField(record, 'action');
  if (kind === 'blackhole' || kind === 'unreachable' || kind === 'prohibit') return { kind };
  const table = textField(record, 'table');
  if (kind !== undefined) return undefined;
  // A rule for VRFs names no table: it is that of the interface's VRF.
  if (table === undefined && field(record, 'l3mdev') === undefined) return undefined;
  return {
    kind: 'lookup',
    table: table ?? '',
    suppressLength: countField(record, 'suppress_prefixlen') ?? -1,
    suppressGroup: textField(record, 'suppress_ifgroup') ?? null,
  };
}

/** The order is iproute2's. */
function ruleText(record: JsonRecord, priority: number, from: Prefix | null, to: Prefix | null, action: RuleAction): string {
  const mask = textField(record, 'fwmask');
  return [
    `${String(priority)}:`,
    ...(field(record, 'not') === undefined ? [] : ['not']),
    'from',
    from === null ? 'all' : prefixWords(from),
    ...(to === null ? [] : ['to', prefixWords(to)]),
    ...wordsOf(record, 'tos'),
    ...wordsOf(record, 'fwmark').map((word) => (word === 'fwmark' || mask === undefined ? word : `${word}/${mask}`)),
    ...wordsOf(record, 'iif'),
    ...wordsOf(record, 'oif'),
    ...rangeWords(record, 'uidrange', 'uid'),
    ...wordsOf(record, 'ipproto'),
    ...wordsOf(record, 'sport'),
    ...rangeWords(record, 'sport', 'sport'),
    ...wordsOf(record, 'dport'),
    ...rangeWords(record, 'dport', 'dport'),
    ...actionWords(action),
  ].join(' ');
}

function rangeWords(record: JsonRecord, name: string, key: string): readonly string[] {
  const [start, end] = [countField(record, `${key}_start`), countField(record, `${key}_end`)];
  return start === undefined || end === undefined ? [] : [name, `${String(start)}-${String(end)}`];
}

function actionWords(action: RuleAction): readonly string[] {
  switch (action.kind) {
    case 'lookup':
      return [
        'lookup',
        action.table === '' ? '[l3mdev-table]' : action.table,
        ...(action.suppressLength < 0 ? [] : ['suppress_prefixlength', String(action.suppressLength)]),
        ...(action.suppressGroup === null ? [] : ['suppress_ifgroup', action.suppressGroup]),
      ];
    case 'goto':
      return ['goto', String(action.priority)];
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return [action.kind];
  }
}
