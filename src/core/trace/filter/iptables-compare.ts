/** Comparisons that iptables' matches are made of, in the common form. */
import { tryParseAddress } from '../../ip/address.ts';
import { firstAddress, lastAddress, prefixOf } from '../../ip/prefix.ts';
import { readScalar } from './constants.ts';
import type { Field } from './fields.ts';
import { typeOfField } from './fields.ts';
import type { Expression, MatchOperator, Pattern, Statement } from './rules.ts';

/** never is a condition that no packet of a trace meets. */
export const never: Statement = {
  kind: 'match',
  left: { kind: 'constant', value: 0 },
  operator: '==',
  right: { kind: 'exact', value: 1 },
};

export function compare(field: Field, right: Pattern, not: boolean): Statement {
  return compareExpression({ kind: 'field', field }, right, not);
}

export function compareExpression(left: Expression, right: Pattern, not: boolean): Statement {
  return { kind: 'match', left, operator: not ? '!=' : '==', right };
}

export function compareFlags(field: Field, bits: number, operator: MatchOperator): Statement {
  return { kind: 'match', left: { kind: 'field', field }, operator, right: { kind: 'exact', value: bits } };
}

export function protocolMatch(text: string, not: boolean): Statement {
  // `all` and 0 are any.
  if (text === 'all' || text === '0') return compare('meta l4proto', { kind: 'anything' }, not);
  return compare('meta l4proto', scalarPattern('meta l4proto', text), not);
}

/** Address with length or with a mask, which need not be one of the left bits. */
export function addressMatch(field: Field, text: string, not: boolean): Statement {
  const [addressText = '', lengthText] = text.split('/');
  const address = tryParseAddress(addressText);
  if (address === undefined) return { kind: 'perhaps', what: text };
  if (lengthText === undefined) return compare(field, { kind: 'exact', value: address.value }, not);
  const mask = tryParseAddress(lengthText);
  if (mask !== undefined) {
    const masked: Expression = {
      kind: 'bits',
      operator: '&',
      left: { kind: 'field', field },
      right: { kind: 'constant', value: mask.value },
    };
    return compareExpression(masked, { kind: 'exact', value: address.value }, not);
  }
  const length = Number(lengthText);
  if (!/^[0-9]{1,3}$/.test(lengthText) || length > (address.family === 4 ? 32 : 128)) return { kind: 'perhaps', what: text };
  const prefix = prefixOf(address, length);
  return compare(field, { kind: 'range', from: firstAddress(prefix).value, to: lastAddress(prefix).value }, not);
}

/** `tun+` is every interface whose name begins so. */
export function interfaceMatch(field: Field, text: string, not: boolean): Statement {
  const right: Pattern = text.endsWith('+') ? { kind: 'starts', text: text.slice(0, -1) } : { kind: 'exact', value: text };
  return compare(field, right, not);
}

/** `22`, `80:90`, `:1023`, `1024:`, or several with commas. */
export function portPattern(text: string): Pattern {
  const patterns = text.split(',').map((each): Pattern => {
    const [from = '', to] = each.split(':');
    const low = from === '' ? 0 : Number(from);
    const high = to === undefined ? low : to === '' ? 65_535 : Number(to);
    if (!isPort(low) || !isPort(high)) return { kind: 'unknown', what: each };
    return low === high ? { kind: 'exact', value: low } : { kind: 'range', from: low, to: high };
  });
  const [only] = patterns;
  return patterns.length === 1 && only !== undefined ? only : { kind: 'one-of', patterns: () => patterns };
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

/** `10.0.0.1-10.0.0.9`. */
export function addressRangePattern(text: string): Pattern {
  const [from, to] = text.split('-').map((end) => tryParseAddress(end)?.value);
  return from === undefined || to === undefined ? { kind: 'unknown', what: text } : { kind: 'range', from, to };
}

/** `0x1/0xff`; undefined where it is no such thing. */
export function markAndMask(text: string): { readonly value: number; readonly mask: number } | undefined {
  const [value, mask] = text
    .split('/')
    .map((part) => (/^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(part) ? Number(part) : Number.NaN));
  if (value === undefined || Number.isNaN(value) || Number.isNaN(mask)) return undefined;
  return { value: value >>> 0, mask: (mask ?? 0xffff_ffff) >>> 0 };
}

export function scalarPattern(field: Field, text: string): Pattern {
  const value = readScalar(text, typeOfField(field));
  return value === undefined ? { kind: 'unknown', what: text } : { kind: 'exact', value };
}
