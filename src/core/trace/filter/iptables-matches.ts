import { ctDirections, ctStates, ctStatuses, icmpTypes, icmpv6Types, packetTypes, tcpFlags } from './constants.ts';
import type { Field } from './fields.ts';
import {
  addressMatch,
  addressRangePattern,
  compare,
  compareExpression,
  compareFlags,
  markAndMask,
  portPattern,
  protocolMatch,
  scalarPattern,
} from './iptables-compare.ts';
import type { IptablesFamily } from './iptables-save.ts';
import type { Words } from './iptables-words.ts';
import type { Pattern, Statement } from './rules.ts';

/** isExtensionEnd is true where the options of a match end: at the next match, at the target. */
export function isExtensionEnd(words: Words): boolean {
  const word = words.peek();
  return word === undefined || word === '-m' || word === '-j' || word === '-g';
}

/** readExtension reads the options of `-m NAME`. A match that needs more than the packet gives `perhaps`. */
export function readExtension(name: string, protocol: string, family: IptablesFamily, words: Words): readonly Statement[] {
  if (name === 'rpfilter') return [readReversePath(words)];
  const statements: Statement[] = [];
  while (!isExtensionEnd(words)) {
    const not = words.takeNot();
    const option = words.take();
    const read = readOption(name, option, not, protocol, family, words);
    if (read === undefined) {
      while (!isExtensionEnd(words)) words.take();
      return [...statements, { kind: 'perhaps', what: `match ${name}` }];
    }
    statements.push(...read);
  }
  return statements.length > 0 || known.has(name) ? statements : [{ kind: 'perhaps', what: `match ${name}` }];
}

/** Matches that say something, or nothing, without any option. */
const known: ReadonlySet<string> = new Set(['tcp', 'udp', 'icmp', 'icmp6', 'comment', 'conntrack', 'state', 'mark']);

function readOption(
  name: string,
  option: string,
  not: boolean,
  protocol: string,
  family: IptablesFamily,
  words: Words,
): readonly Statement[] | undefined {
  switch (name) {
    case 'comment':
      if (option === '--comment') words.take();
      return [];
    case 'tcp':
    case 'udp':
      return readPorts(name, option, not, words);
    case 'multiport':
      return readMultiport(protocol, option, not, words);
    case 'icmp':
    case 'icmp6':
      return readIcmp(name, not, words);
    case 'conntrack':
    case 'state':
      return readConntrack(option, not, words);
    case 'mark':
    case 'connmark':
      return readMark(name === 'mark' ? 'meta mark' : 'ct mark', not, words);
    case 'iprange':
      return [compare(addressField(option === '--src-range' ? 'src' : 'dst', family), addressRangePattern(words.take()), not)];
    case 'addrtype':
      return readAddressType(option, not, words);
    case 'ttl':
    case 'hl':
      return readTtl(family, option, not, words);
    case 'length':
      return [compare('meta length', portPattern(words.take()), not)];
    case 'dscp':
      return [compare(family === 'ip' ? 'ip dscp' : 'ip6 dscp', scalarPattern('ip dscp', words.take()), not)];
    case 'pkttype': {
      const type = words.take();
      return Object.hasOwn(packetTypes, type) ? [compare('meta pkttype', scalarPattern('meta pkttype', type), not)] : undefined;
    }
    default:
      return undefined;
  }
}

/** Without options it holds where the route back to the source leaves by the interface that the packet came by. */
function readReversePath(words: Words): Statement {
  const options = new Set<string>();
  while (!isExtensionEnd(words)) options.add(words.take());
  const by = { iif: !options.has('--loose'), oif: false, mark: options.has('--validmark') };
  return compareExpression(
    { kind: 'fib', of: 'source', result: 'exists', by },
    { kind: 'exact', value: options.has('--invert') ? 0 : 1 },
    false,
  );
}

function readPorts(name: 'tcp' | 'udp', option: string, not: boolean, words: Words): readonly Statement[] | undefined {
  switch (option) {
    case '--sport':
    case '--dport':
      return [compare(`${name} ${option === '--sport' ? 'sport' : 'dport'}`, portPattern(words.take()), not)];
    case '--tcp-flags': {
      const mask = flagBits(words.take());
      const wanted = flagBits(words.take());
      if (mask === undefined || wanted === undefined) return undefined;
      return [flagsUnderMask(mask, wanted, not)];
    }
    case '--syn':
      return [flagsUnderMask(tcpFlags.syn | tcpFlags.rst | tcpFlags.ack | tcpFlags.fin, tcpFlags.syn, not)];
    default:
      return undefined;
  }
}

function flagsUnderMask(mask: number, wanted: number, not: boolean): Statement {
  return compareExpression(
    { kind: 'bits', operator: '&', left: { kind: 'field', field: 'tcp flags' }, right: { kind: 'constant', value: mask } },
    { kind: 'exact', value: wanted },
    not,
  );
}

function flagBits(text: string): number | undefined {
  if (text === 'NONE') return 0;
  if (text === 'ALL') return 0x3f;
  return bitsOf(text, tcpFlags);
}

/** Names with commas, in any case, as bits. */
function bitsOf(text: string, names: Readonly<Record<string, number>>): number | undefined {
  let bits = 0;
  for (const name of text.toLowerCase().split(',')) {
    const bit = Object.hasOwn(names, name) ? names[name] : undefined;
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return bits;
}

function readMultiport(protocol: string, option: string, not: boolean, words: Words): readonly Statement[] | undefined {
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  const ports = portPattern(words.take());
  switch (option) {
    case '--sports':
      return [compare(`${protocol} sport`, ports, not)];
    case '--dports':
      return [compare(`${protocol} dport`, ports, not)];
    default:
      // --ports: one of the two.
      return undefined;
  }
}

function readIcmp(name: 'icmp' | 'icmp6', not: boolean, words: Words): readonly Statement[] | undefined {
  const text = words.take();
  const [typeText = '', codeText] = text.split('/');
  // 255 stands for any type.
  if (text === 'any' || (name === 'icmp' && typeText === '255')) return [];
  const fields: readonly [Field, Field] = name === 'icmp' ? ['icmp type', 'icmp code'] : ['icmpv6 type', 'icmpv6 code'];
  const names: Readonly<Record<string, number>> = name === 'icmp' ? icmpTypes : icmpv6Types;
  const type = Object.hasOwn(names, typeText) ? names[typeText] : /^[0-9]{1,3}$/.test(typeText) ? Number(typeText) : undefined;
  if (type === undefined || (codeText !== undefined && not)) return undefined;
  const typeMatch = compare(fields[0], { kind: 'exact', value: type }, not);
  return codeText === undefined ? [typeMatch] : [typeMatch, compare(fields[1], scalarPattern(fields[1], codeText), false)];
}

function readConntrack(option: string, not: boolean, words: Words): readonly Statement[] | undefined {
  const text = words.take();
  switch (option) {
    case '--state':
    case '--ctstate': {
      const names = text.split(',');
      // SNAT and DNAT among the states are bits of the status, and any one of all is enough.
      const nat = names.some((name) => name === 'SNAT' || name === 'DNAT');
      const bits = bitsOf(text, ctStates);
      return nat || bits === undefined ? undefined : [compareFlags('ct state', bits, not ? '!' : 'in')];
    }
    case '--ctstatus': {
      const bits = bitsOf(text.replace('SEEN_REPLY', 'SEEN-REPLY'), ctStatuses);
      return bits === undefined || text === 'NONE' ? undefined : [compareFlags('ct status', bits, not ? '!' : 'in')];
    }
    case '--ctdir':
      return [
        compare('ct direction', { kind: 'exact', value: text === 'REPLY' ? ctDirections.reply : ctDirections.original }, not),
      ];
    case '--ctproto':
      return [protocolMatch(text, not)];
    case '--ctorigsrc':
      return [addressMatch('ct original saddr', text, not)];
    case '--ctorigdst':
      return [addressMatch('ct original daddr', text, not)];
    case '--ctorigsrcport':
      return [compare('ct original proto-src', portPattern(text), not)];
    case '--ctorigdstport':
      return [compare('ct original proto-dst', portPattern(text), not)];
    default:
      return undefined;
  }
}

function readMark(field: 'meta mark' | 'ct mark', not: boolean, words: Words): readonly Statement[] | undefined {
  const mark = markAndMask(words.take());
  if (mark === undefined) return undefined;
  return [
    compareExpression(
      { kind: 'bits', operator: '&', left: { kind: 'field', field }, right: { kind: 'constant', value: mark.mask } },
      { kind: 'exact', value: mark.value },
      not,
    ),
  ];
}

function readAddressType(option: string, not: boolean, words: Words): readonly Statement[] | undefined {
  if (option !== '--src-type' && option !== '--dst-type') return undefined;
  const types = words.take().toLowerCase().split(',');
  const limit = words.peek();
  if (limit === '--limit-iface-in' || limit === '--limit-iface-out') words.take();
  const patterns = types.map((value): Pattern => ({ kind: 'exact', value }));
  return [
    compareExpression(
      {
        kind: 'fib',
        of: option === '--src-type' ? 'source' : 'destination',
        result: 'type',
        by: { iif: limit === '--limit-iface-in', oif: limit === '--limit-iface-out', mark: false },
      },
      { kind: 'one-of', patterns: () => patterns },
      not,
    ),
  ];
}

function readTtl(family: IptablesFamily, option: string, not: boolean, words: Words): readonly Statement[] | undefined {
  const value = Number(words.take());
  if (!Number.isInteger(value)) return undefined;
  const operator = option.endsWith('-eq')
    ? not
      ? '!='
      : '=='
    : option.endsWith('-lt')
      ? '<'
      : option.endsWith('-gt')
        ? '>'
        : undefined;
  const field: Field = family === 'ip' ? 'ip ttl' : 'ip6 hoplimit';
  return operator === undefined
    ? undefined
    : [{ kind: 'match', left: { kind: 'field', field }, operator, right: { kind: 'exact', value } }];
}

function addressField(side: 'src' | 'dst', family: IptablesFamily): Field {
  if (family === 'ip') return side === 'src' ? 'ip saddr' : 'ip daddr';
  return side === 'src' ? 'ip6 saddr' : 'ip6 daddr';
}
