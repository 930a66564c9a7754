import { formatIpv4, parseIpv4 } from './ipv4-text.ts';
import type { ParseResult } from './parse-result.ts';
import { accepted, refused } from './parse-result.ts';
import { quoteInput } from './quote-input.ts';

/** 8 groups of 4 digits with 7 colons, the last two groups as dotted quad: ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255. */
const longestText = 45;

/**
 * parseIpv6 reads every form of RFC 4291 section 2.2 (full, with "::", with an IPv4 tail) into a 128-bit bigint. A "::"
 * has to stand for at least one group, as in inet_pton. Zones ("%eth0"), brackets and ports are refused with their name.
 */
export function parseIpv6(text: string): ParseResult<bigint> {
  const fail = (what: string) => refused(`${quoteInput(text)} is not an IPv6 address: ${what}`);
  if (text.includes('%')) return fail('a zone (the part after %) has a meaning on one machine only; leave it out');
  if (text.includes('[') || text.includes(']')) return fail('leave the brackets and the port out');
  if (text.length > longestText) return fail(`it is longer than ${String(longestText)} characters`);

  const halves = text.split('::');
  if (halves.length > 2 || text.includes(':::')) return fail('"::" may stand only once');
  const lists: number[][] = [];
  for (const [index, half] of halves.entries()) {
    const isLast = index === halves.length - 1;
    const groups = parseGroups(half, isLast);
    if (typeof groups === 'string') return fail(groups);
    lists.push(groups);
  }
  const [head = [], tail] = lists;
  const count = head.length + (tail?.length ?? 0);
  if (tail === undefined && count !== 8) {
    return fail(`it has ${groupCount(count)}; 8 are expected, or "::" for those that are zero`);
  }
  if (tail !== undefined && count > 7) {
    return fail(`it has ${groupCount(count)} beside "::", which leaves none for "::" to stand for`);
  }
  const zeros = new Array<number>(8 - count).fill(0);
  return accepted(fromGroups([...head, ...zeros, ...(tail ?? [])]));
}

/** Reads "a:b:c"; a string is the reason of a refusal. Only the end of an address may be a dotted quad. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | string {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      if (!mayEndInIpv4 || index !== parts.length - 1) return `the IPv4 part ${quoteInput(part)} may only stand at the end`;
      const ipv4 = parseIpv4(part);
      if (!ipv4.ok) return ipv4.reason;
      groups.push(ipv4.value >>> 16, ipv4.value & 0xffff);
    } else if (part === '') {
      return 'a group is empty';
    } else if (!/^[0-9a-fA-F]{1,4}$/.test(part)) {
      return `${quoteInput(part)} is not a group of 1 to 4 hexadecimal digits`;
    } else {
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function groupCount(count: number): string {
  return count === 1 ? '1 group' : `${String(count)} groups`;
}

function fromGroups(groups: readonly number[]): bigint {
  let value = 0n;
  for (const group of groups) value = (value << 16n) | BigInt(group);
  return value;
}

/**
 * formatIpv6 writes the one canonical form of RFC 5952: lower case, no leading zeros, "::" for the longest run of at least
 * two zero groups (the first of equals). The dotted tail of section 5 is used for IPv4-mapped addresses (::ffff:0:0/96)
 * and nowhere else. PostgreSQL and glibc also use it for the deprecated IPv4-compatible ::/96, so their output has to be
 * parsed before it is compared with ours.
 */
export function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(Number(value & 0xffff_ffffn))}`;
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
