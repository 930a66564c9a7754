import type { AddressText } from '../../core/ip/address.ts';
import type { KernelOwnership } from './ownership.ts';
import { markMask } from './ownership.ts';

/** nftSets are the sets of our table. */
export const nftSets = {
  open: { type: 'ifname', interval: false },
  hosts: { type: 'ifname . ipv4_addr', interval: false },
  sites: { type: 'ifname . ipv4_addr', interval: true },
} as const;

export type NftSetName = keyof typeof nftSets;

/** setShape is a set as one line of text, as chainShape is for chains. */
export function setShape(name: string, types: readonly string[], flags: readonly string[]): string {
  return `set ${name} ${types.join(' . ')} ${flags.join(',')}`;
}

/** NftRule is one rule of our table; its name is its comment in the kernel, by which it is found again. */
export type NftRule = { readonly name: string; readonly text: string };

/** NftHook is where a base chain hangs; the priorities are those that nft calls raw, mangle and filter. */
export type NftHook = { readonly hook: 'prerouting' | 'input' | 'forward'; readonly priority: -300 | -150 | 0 };

/** NftChain with `base` null is one that others jump to. */
export type NftChain = { readonly name: string; readonly base: NftHook | null; readonly rules: readonly NftRule[] };

/**
 * nftChains is the constant part of the gateway's table: what changes are elements of the sets alone (design.md 5).
 *
 * - `sources`, before connection tracking: a source address is believed only on the lane where its endpoint is attached. It comes before
 *   anything that lets established flows pass, so taking an element away stops the very next packet. Three sets, for their cost: `open`
 *   (tuns where anybody is attached) and `hosts` (single addresses) are hashes, so a connector or a device is cut in the same time whatever
 *   their number; `sites` holds prefixes, and taking one of 10,000 away costs the kernel up to 20 ms (measured, Linux 6.18).
 * - `marking` leads packets from our tuns to our routing table.
 * - `to_gateway`: from a tunnel, the gateway itself answers echo requests to its tunnel address and nothing else: neither its shell nor the
 *   portal is meant for everyone who has a profile.
 * - `forwarded` keeps the overlay apart from the rest of the machine: what comes from one of our tuns leaves by one of our tuns. Everything
 *   else that the machine forwards is not judged here.
 */
export function nftChains(own: KernelOwnership, gateway: AddressText): readonly NftChain[] {
  const tuns = `"${own.devicePrefix}*"`;
  return [
    {
      name: 'sources',
      base: { hook: 'prerouting', priority: -300 },
      rules: [
        { name: 'not ours', text: `iifname != ${tuns} return` },
        { name: 'closed', text: 'iifname != @open counter drop' },
        { name: 'host', text: 'iifname . ip saddr @hosts return' },
        { name: 'site', text: 'iifname . ip saddr @sites return' },
        { name: 'spoofed', text: 'counter drop' },
      ],
    },
    {
      name: 'marking',
      base: { hook: 'prerouting', priority: -150 },
      rules: [{ name: 'ours', text: `iifname ${tuns} meta mark set meta mark and ${hex(~markMask >>> 0)} or ${hex(own.mark)}` }],
    },
    {
      name: 'to_gateway',
      base: { hook: 'input', priority: 0 },
      rules: [
        { name: 'not ours', text: `iifname != ${tuns} return` },
        { name: 'answers', text: 'ct state established,related accept' },
        { name: 'echo', text: `ip daddr ${gateway} icmp type echo-request accept` },
        { name: 'refused', text: 'counter drop' },
      ],
    },
    {
      name: 'forwarded',
      base: { hook: 'forward', priority: 0 },
      rules: [
        { name: 'overlay', text: `iifname ${tuns} oifname ${tuns} goto mesh` },
        { name: 'leaving', text: `iifname ${tuns} counter drop` },
        { name: 'entering', text: `oifname ${tuns} counter drop` },
      ],
    },
    {
      name: 'mesh',
      base: null,
      rules: [
        { name: 'established', text: 'ct state established,related counter accept' },
        { name: 'full mesh', text: 'counter accept' },
      ],
    },
  ];
}

/** chainShape is a chain as one line of text: what is compared with the kernel, whose own spelling of expressions differs by version. */
export function chainShape(
  name: string,
  base: { readonly hook: string; readonly priority: number } | null,
  ruleNames: readonly string[],
): string {
  return `${name} ${base === null ? '-' : `${base.hook}@${String(base.priority)}`}: ${ruleNames.join(', ')}`;
}

/** nftTableText creates the table with empty sets, replacing one that is there: one transaction, no packet sees it half made. */
export function nftTableText(own: KernelOwnership, chains: readonly NftChain[]): string {
  const chainTexts = chains.map(({ name, base, rules }) => {
    const hook = base === null ? [] : [`type filter hook ${base.hook} priority ${String(base.priority)}; policy accept;`];
    const lines = [...hook, ...rules.map((rule) => `${rule.text} comment "${rule.name}"`)];
    return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
  });
  // nft 1.0.6 has no `destroy`: adding first makes deleting always possible.
  return [
    `table inet ${own.nftTable}`,
    `delete table inet ${own.nftTable}`,
    `table inet ${own.nftTable} {`,
    ...Object.entries(nftSets).map(
      ([name, { type, interval }]) => `  set ${name} {\n    type ${type}\n${interval ? '    flags interval\n' : ''}  }`,
    ),
    // Chains that are jumped to must be there before those that jump.
    ...chainTexts.toReversed().map((text) => text.trimEnd()),
    '}',
  ].join('\n');
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
