import type { AddressText } from '../../core/ip/address.ts';
import type { KernelOwnership } from './ownership.ts';
import { classMark, internetClass, markText } from './ownership.ts';

/** NftSet is a set, or a map from `key` to `value`. */
export type NftSet = {
  readonly key: readonly ('ifname' | 'ipv4_addr' | 'mark')[];
  readonly value?: 'mark';
  readonly interval: boolean;
};

/**
 * nftSets are the sets and maps of our table.
 *
 * Who may send what: `open`, `hosts`, `sites` (below); `egress` are tuns of internet gateways, which may send whatever is not `claimed` by
 * the overlay. Where it goes: `egress_hosts` and `egress_sites` say the mark of the class of a source. Which connector a flow stays with:
 * `pins` and `pins_out` say the mark of flows that leave by a tun, for a network or for the internet; `pinned` and `pinned_out` are marks
 * that count now, the latter for each class by itself.
 */
export const nftSets = {
  open: { key: ['ifname'], interval: false },
  hosts: { key: ['ifname', 'ipv4_addr'], interval: false },
  sites: { key: ['ifname', 'ipv4_addr'], interval: true },
  egress: { key: ['ifname'], interval: false },
  claimed: { key: ['ipv4_addr'], interval: true },
  egress_hosts: { key: ['ipv4_addr'], value: 'mark', interval: false },
  egress_sites: { key: ['ipv4_addr'], value: 'mark', interval: true },
  pins: { key: ['ifname'], value: 'mark', interval: false },
  pins_out: { key: ['ifname'], value: 'mark', interval: false },
  pinned: { key: ['mark'], interval: false },
  pinned_out: { key: ['mark', 'mark'], interval: false },
} as const satisfies Record<string, NftSet>;

export type NftSetName = keyof typeof nftSets;

export const nftSetNames = Object.keys(nftSets) as NftSetName[];

/** setShape is a set or map as one line of text, as chainShape is for chains. */
export function setShape(name: string, { key, value, interval }: NftSet): string {
  return `set ${name} ${key.join(' . ')}${value === undefined ? '' : ` : ${value}`} ${interval ? 'interval' : ''}`;
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
 *   From an internet gateway every other source is believed too. Answers to the gateway's own probes come from anywhere behind a connector.
 * - `marking` leads packets from our tuns to our routing tables: by the class of their source, or by the connector that their flow began
 *   with, as long as that one lives and the class may use it. NAT of connectors is why: moving a flow breaks it.
 * - `to_gateway`: from a tunnel, the gateway itself answers echo requests to its tunnel address and nothing else: neither its shell nor the
 *   portal is meant for everyone who has a profile.
 * - `forwarded` keeps the overlay apart from the rest of the machine: what comes from one of our tuns leaves by one of our tuns. Everything
 *   else that the machine forwards is not judged here.
 * - `mesh` notes where a flow really leaves, with each of its packets and not only the first: it may have been moved since. Nobody on the
 *   internet begins a flow to the overlay.
 */
export function nftChains(own: KernelOwnership, gateway: AddressText): readonly NftChain[] {
  const tuns = `"${own.devicePrefix}*"`;
  const fromInternet = 'iifname @egress ip saddr != @claimed';
  return [
    {
      name: 'sources',
      base: { hook: 'prerouting', priority: -300 },
      rules: [
        { name: 'not ours', text: `iifname != ${tuns} return` },
        { name: 'closed', text: 'iifname != @open counter drop' },
        { name: 'host', text: 'iifname . ip saddr @hosts return' },
        { name: 'site', text: 'iifname . ip saddr @sites return' },
        { name: 'internet', text: `${fromInternet} return` },
        { name: 'probe', text: `ip daddr ${gateway} icmp type echo-reply return` },
        { name: 'spoofed', text: 'counter drop' },
      ],
    },
    {
      name: 'marking',
      base: { hook: 'prerouting', priority: -150 },
      rules: [
        { name: 'not ours', text: `iifname != ${tuns} return` },
        { name: 'ours', text: `meta mark set ${markText(own.mark)}` },
        { name: 'class of a host', text: 'meta mark set ip saddr map @egress_hosts' },
        { name: 'class of a site', text: 'meta mark set ip saddr map @egress_sites' },
        { name: 'internet', text: `${fromInternet} meta mark set ${markText(classMark(own, internetClass).mark)}` },
        { name: 'pinned', text: 'ct direction original ct mark @pinned meta mark set ct mark' },
        { name: 'pinned out', text: 'ct direction original meta mark . ct mark @pinned_out meta mark set ct mark' },
      ],
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
        { name: 'pin', text: 'ct direction original ct mark set oifname map @pins' },
        {
          name: 'pin out',
          text: 'ct direction original oifname @egress ip daddr != @claimed ct mark set oifname map @pins_out',
        },
        { name: 'established', text: 'ct state established,related counter accept' },
        { name: 'unsolicited', text: `${fromInternet} counter drop` },
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
    ...nftSetNames.map((name) => setText(name, nftSets[name])),
    // Chains that are jumped to must be there before those that jump.
    ...chainTexts.toReversed().map((text) => text.trimEnd()),
    '}',
  ].join('\n');
}

function setText(name: string, { key, value, interval }: NftSet): string {
  const type = `${key.join(' . ')}${value === undefined ? '' : ` : ${value}`}`;
  return `  ${value === undefined ? 'set' : 'map'} ${name} {\n    type ${type}\n${interval ? '    flags interval\n' : ''}  }`;
}
