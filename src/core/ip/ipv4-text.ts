import type { ParseResult } from './parse-result.ts';
import { accepted, refused } from './parse-result.ts';
import { quoteInput } from './quote-input.ts';

/**
 * parseIpv4 reads four decimal numbers separated by dots into a uint32, and nothing else. The shorter and octal forms of
 * inet_aton ("10.1", "010.0.0.1", "0x0a000001") are refused, because programs disagree about what they mean, and such a
 * disagreement has been used to pass address filters (CVE-2021-28918).
 */
export function parseIpv4(text: string): ParseResult<number> {
  const parts = text.length > 15 ? [] : text.split('.');
  const fail = (what: string) => refused(`${quoteInput(text)} is not an IPv4 address: ${what}`);
  if (parts.length !== 4) return fail('four numbers separated by dots are expected, like 10.0.0.1');
  let value = 0;
  for (const part of parts) {
    if (!/^[0-9]{1,3}$/.test(part)) return fail(`${quoteInput(part)} is not a number from 0 to 255`);
    if (part.length > 1 && part.startsWith('0')) {
      return fail(`${part} starts with a zero, which some programs read as octal; leave the zero out`);
    }
    const octet = Number(part);
    if (octet > 255) return fail(`${part} is above 255`);
    value = value * 256 + octet;
  }
  return accepted(value);
}

/** formatIpv4 writes a uint32 as dotted quad. */
export function formatIpv4(value: number): string {
  return `${String(value >>> 24)}.${String((value >>> 16) & 255)}.${String((value >>> 8) & 255)}.${String(value & 255)}`;
}
