import { tryParseAddress } from '../../ip/address.ts';
import { firstAddress, lastAddress, tryParsePrefix } from '../../ip/prefix.ts';
import { markAndMask } from './iptables-compare.ts';
import type { Words } from './iptables-words.ts';
import type { Field } from './fields.ts';
import type { Expression, Nat, NatKind, Statement } from './rules.ts';
import { statementOfTarget } from './xt-targets.ts';

/** readTarget reads `-j TARGET` or `-g CHAIN` with what follows it. */
export function readTarget(
  target: string,
  way: 'jump' | 'goto',
  words: Words,
  isChain: (name: string) => boolean,
): readonly Statement[] {
  if (way === 'goto' || isChain(target)) return [{ kind: 'verdict', verdict: { kind: way, chain: target } }];
  const options = optionsOf(words);
  switch (target) {
    case 'ACCEPT':
      return [{ kind: 'verdict', verdict: { kind: 'accept' } }];
    case 'DROP':
      return [{ kind: 'verdict', verdict: { kind: 'drop' } }];
    case 'RETURN':
      return [{ kind: 'verdict', verdict: { kind: 'return' } }];
    case 'REJECT':
      return [{ kind: 'verdict', verdict: { kind: 'reject', with: options.get('--reject-with') ?? '', requires: null } }];
    case 'MARK':
      return readSetMark('packet', options);
    case 'CONNMARK':
      return readConnmark(options);
    case 'NOTRACK':
      return [{ kind: 'notrack' }];
    case 'CT':
      return options.has('--notrack') ? [{ kind: 'notrack' }] : [];
    case 'TCPMSS': {
      const size = Number(options.get('--set-mss') ?? Number.NaN);
      return [{ kind: 'clamp-mss', size: Number.isInteger(size) ? size : 'route' }];
    }
    case 'MASQUERADE':
      return [natTo('masquerade', '', options)];
    case 'REDIRECT':
      return [natTo('redirect', '', options)];
    case 'SNAT':
      return [natTo('snat', options.get('--to-source') ?? '', options)];
    case 'DNAT':
      return [natTo('dnat', options.get('--to-destination') ?? '', options)];
    case 'NETMAP':
      return [netmap(options.get('--to') ?? '')];
    default:
      return statementOfTarget(target);
  }
}

function optionsOf(words: Words): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  while (!words.done) {
    const option = words.take();
    const next = words.peek();
    options.set(option, next === undefined || next.startsWith('--') ? '' : words.take());
  }
  return options;
}

const whole = 0xffff_ffff;

function readSetMark(of: 'packet' | 'flow', options: ReadonlyMap<string, string>): readonly Statement[] {
  const field = of === 'packet' ? 'meta mark' : 'ct mark';
  for (const [option, text] of options) {
    const mark = markAndMask(text);
    if (mark === undefined) continue;
    const { value, mask } = mark;
    switch (option) {
      // Zeroes the bits of the mask and XORs the value.
      case '--set-xmark':
        return [setMark(of, bits('^', bits('&', { kind: 'field', field }, ~mask), value))];
      case '--set-mark':
        return [setMark(of, bits('|', bits('&', { kind: 'field', field }, ~mask), value))];
      case '--and-mark':
        return [setMark(of, bits('&', { kind: 'field', field }, value))];
      case '--or-mark':
        return [setMark(of, bits('|', { kind: 'field', field }, value))];
      case '--xor-mark':
        return [setMark(of, bits('^', { kind: 'field', field }, value))];
      default:
    }
  }
  return statementOfTarget(of === 'packet' ? 'MARK' : 'CONNMARK');
}

function readConnmark(options: ReadonlyMap<string, string>): readonly Statement[] {
  const flowMask = markAndMask(options.get('--ctmask') ?? options.get('--mask') ?? '0xffffffff')?.value ?? whole;
  const packetMask = markAndMask(options.get('--nfmask') ?? options.get('--mask') ?? '0xffffffff')?.value ?? whole;
  if (options.has('--save-mark')) return [setMark('flow', merged('ct mark', flowMask, 'meta mark', packetMask))];
  if (options.has('--restore-mark')) return [setMark('packet', merged('meta mark', packetMask, 'ct mark', flowMask))];
  return readSetMark('flow', options);
}

/** xt_connmark: `to = (to & ~its mask) ^ (from & its mask)`. */
function merged(to: Field, toMask: number, from: Field, fromMask: number): Expression {
  const kept = bits('&', { kind: 'field', field: to }, ~toMask);
  const taken = bits('&', { kind: 'field', field: from }, fromMask);
  return { kind: 'bits', operator: '^', left: kept, right: taken };
}

function bits(operator: '&' | '|' | '^', left: Expression, right: number): Expression {
  return { kind: 'bits', operator, left, right: { kind: 'constant', value: right >>> 0 } };
}

function setMark(of: 'packet' | 'flow', value: Expression): Statement {
  return { kind: 'set-mark', of, value };
}

/** `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.1:80-90`, `[fd00::1]:80`, or a port alone. */
function natTo(nat: NatKind, text: string, options: ReadonlyMap<string, string>): Nat {
  const found = /^(?:\[([0-9a-f:.-]+)\]|([0-9.]+(?:-[0-9.]+)?|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.-]*))?(?::([0-9-]+))?$/i.exec(text);
  const ports = options.get('--to-ports') ?? found?.[3];
  const addresses = found?.[1] ?? found?.[2];
  return {
    kind: 'nat',
    nat,
    family: null,
    address:
      addresses === undefined
        ? found === null
          ? unreadable(text)
          : null
        : interval(addresses, (part) => tryParseAddress(part)?.value),
    port:
      ports === undefined || ports === ''
        ? null
        : interval(ports, (part) => (/^[0-9]{1,5}$/.test(part) ? Number(part) : undefined)),
    netmap: false,
    randomPort: options.has('--random') || options.has('--random-fully'),
  };
}

function interval(text: string, read: (part: string) => number | bigint | undefined): Expression {
  const [from, to] = text.split('-').map(read);
  if (from === undefined || (text.includes('-') && to === undefined)) return unreadable(text);
  return { kind: 'constant', value: to === undefined || to === from ? from : { from, to } };
}

function netmap(text: string): Statement {
  const prefix = tryParsePrefix(text);
  if (prefix === undefined) return { kind: 'undecidable', what: 'NETMAP' };
  const value = { from: firstAddress(prefix).value, to: lastAddress(prefix).value };
  // The same target maps the destination in PREROUTING and the source in POSTROUTING.
  return {
    kind: 'nat',
    nat: 'netmap',
    family: null,
    address: { kind: 'constant', value },
    port: null,
    netmap: true,
    randomPort: false,
  };
}

function unreadable(what: string): Expression {
  return { kind: 'unknown', what };
}
