import type { Address } from '../../ip/address.ts';
import { address4, address6 } from '../../ip/address.ts';
import type { Decider } from './decider.ts';
import { evaluate } from './evaluate-expression.ts';
import { known } from './field-value.ts';
import type { Evaluated } from './field-value.ts';
import type { HookContext } from './hook-context.ts';
import type { PacketState, Translation } from './packet-state.ts';
import type { Hook, Interval, Nat, NatKind, Value } from './rules.ts';

/** translate is the packet after a NAT statement; undefined where the rule does not hold for it (a map without its key). */
export function translate(nat: Nat, context: HookContext, state: PacketState, by: Decider): PacketState | undefined {
  const source = changesSource(nat.nat, context.hook);
  const before = source
    ? { address: state.source, port: state.sourcePort }
    : { address: state.destination, port: state.destinationPort };
  const target = targetOf(nat, context, state);
  if (target === undefined) return undefined;
  const { chosenBy } = target;
  const address = resolveAddress(target.address, before.address, context, nat);
  const port = resolvePort(target.port, before.port, nat.randomPort);
  const translation: Translation = {
    kind: nat.nat,
    of: source ? 'source' : 'destination',
    address: address.value,
    port,
    chosenBy: address.several ? 'several' : chosenBy,
    by,
  };
  return source
    ? { ...state, translation, source: address.value, sourcePort: port }
    : { ...state, translation, destination: address.value, destinationPort: port };
}

/** changesSource tells source NAT from destination NAT. */
function changesSource(kind: NatKind, hook: Hook): boolean {
  switch (kind) {
    case 'snat':
    case 'masquerade':
      return true;
    case 'dnat':
    case 'redirect':
      return false;
    case 'netmap':
      return hook === 'postrouting' || hook === 'input';
  }
}

type Target = {
  readonly address: Value | null;
  /** Null: the port stays. */
  readonly port: Evaluated | null;
  readonly chosenBy: Translation['chosenBy'];
};

function targetOf(nat: Nat, context: HookContext, state: PacketState): Target | undefined {
  const own = nat.nat === 'masquerade' || nat.nat === 'redirect';
  const address: Evaluated | null = nat.address === null ? null : evaluate(nat.address, context, state);
  const port: Evaluated | null = nat.port === null ? null : evaluate(nat.port, context, state);
  if (address?.kind === 'absent' || port?.kind === 'absent') return undefined;
  // Only a port is changed (`dnat to :80`), or the address is one of the machine's own.
  if (address === null) return { address: null, port, chosenBy: own ? 'machine' : 'rule' };
  if (address.kind === 'unknown') return { address: null, port: port ?? address, chosenBy: 'unknown' };
  if (Array.isArray(address.value)) {
    const [first = null, second] = address.value as readonly Value[];
    return { address: first, port: second === undefined ? port : known(second), chosenBy: 'rule' };
  }
  return { address: address.value, port, chosenBy: 'rule' };
}

function resolveAddress(
  target: Value | null,
  before: Address | null,
  { packet, ownAddress, hook }: HookContext,
  nat: Nat,
): { readonly value: Address | null; readonly several: boolean } {
  const family = packet.source.family;
  if (target === null) {
    if (nat.nat === 'masquerade') return { value: ownAddress, several: false };
    if (nat.nat === 'redirect') return { value: hook === 'output' ? loopback(family) : ownAddress, several: false };
    return { value: nat.address === null ? before : null, several: false };
  }
  if (isInterval(target)) {
    if (target.from === target.to) return { value: addressOf(target.from, family), several: false };
    return nat.netmap ? { value: netmapped(target, before), several: false } : { value: null, several: true };
  }
  return { value: addressOf(target, family), several: false };
}

/** A port in the wanted range is kept, as long as nobody else has it; another one is chosen by the kernel. */
function resolvePort(target: Evaluated | null, before: number | null, random: boolean): number | null {
  if (random) return null;
  if (target === null) return before;
  if (target.kind !== 'known') return null;
  const { value } = target;
  if (typeof value === 'number') return value;
  if (!isInterval(value) || before === null) return null;
  return before >= Number(value.from) && before <= Number(value.to) ? before : null;
}

function netmapped({ from, to }: Interval, before: Address | null): Address | null {
  if (before?.family === 4 && typeof from === 'number' && typeof to === 'number') {
    const host = (from ^ to) >>> 0;
    return address4(((from & ~host) | (before.value & host)) >>> 0);
  }
  if (before?.family === 6 && typeof from === 'bigint' && typeof to === 'bigint') {
    const host = from ^ to;
    return address6((from & ~host) | (before.value & host));
  }
  return null;
}

function addressOf(value: Value, family: 4 | 6): Address | null {
  if (family === 4) return typeof value === 'number' && value >>> 0 === value ? address4(value) : null;
  return typeof value === 'bigint' && BigInt.asUintN(128, value) === value ? address6(value) : null;
}

function loopback(family: 4 | 6): Address {
  return family === 4 ? address4(0x7f000001) : address6(1n);
}

function isInterval(value: Value): value is Interval {
  return typeof value === 'object' && !Array.isArray(value);
}
