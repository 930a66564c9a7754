import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Step } from './kernel-plan.ts';
import type { NftSet, NftSetName } from './nft-table.ts';
import { nftSetNames, nftSets } from './nft-table.ts';
import type { KernelOwnership } from './ownership.ts';

/**
 * ElementText is an element of a set or map of our table in one spelling: the parts of the key and, in a map, the value, with blanks
 * between. Devices by name, addresses as prefixes, marks as 8 hexadecimal digits: `cw0-c5 10.0.0.0/18`, `100.96.16.1/32 0x0c000001`.
 */
export type ElementText = string;

/** NftElements are the elements of each set and map. */
export type NftElements = Readonly<Record<NftSetName, ReadonlySet<ElementText>>>;

const nothing: ReadonlySet<ElementText> = new Set();

export const noElements: NftElements = mapSets(() => nothing);

/** mapSets builds elements set by set. */
export function mapSets(of: (set: NftSetName) => ReadonlySet<ElementText>): NftElements {
  return Object.fromEntries(nftSetNames.map((set) => [set, of(set)])) as Record<NftSetName, ReadonlySet<ElementText>>;
}

/** elementStep is one line for one element, so that an error names it. */
export function elementStep(own: KernelOwnership, verb: 'add' | 'delete', set: NftSetName, element: ElementText): Step {
  const { key, value }: NftSet = nftSets[set];
  const types = value === undefined ? key : [...key, value];
  const words = element.split(' ').map((word, index) => spelled(types[index], word));
  const [before, after] = value === undefined ? [words, ''] : [words.slice(0, -1), ` : ${words.at(-1) ?? ''}`];
  const step = {
    line: `${verb} element inet ${own.nftTable} ${set} { ${before.join(' . ')}${after} }`,
    object: described[set](element),
    change: verb === 'add' ? 'add' : 'remove',
  } as const;
  return key[0] === 'ifname' ? { ...step, device: elementDevice(element) } : step;
}

function spelled(type: NftSet['key'][number] | undefined, word: string): string {
  if (type === 'ifname') return `"${word}"`;
  return type === 'ipv4_addr' ? word.replace(/\/32$/, '') : word;
}

const described = {
  open: (element) => `openness of ${element}`,
  hosts: (element) => `source ${elementPrefix(element)} on ${elementDevice(element)}`,
  sites: (element) => `source ${elementPrefix(element)} on ${elementDevice(element)}`,
  egress: (element) => `internet gateway on ${element}`,
  claimed: (element) => `claim of ${element}`,
  egress_hosts: (element) => `egress class of ${elementDevice(element)}`,
  egress_sites: (element) => `egress class of ${elementDevice(element)}`,
  pins: (element) => `mark of flows to a network by ${elementDevice(element)}`,
  pins_out: (element) => `mark of flows to the internet by ${elementDevice(element)}`,
  pinned: (element) => `staying of flows marked ${element}`,
  pinned_out: (element) => `staying of flows to the internet marked ${element}`,
} satisfies Record<NftSetName, (element: ElementText) => string>;

/** elementDevice is the first part of an element. */
export function elementDevice(element: ElementText): string {
  const end = element.indexOf(' ');
  return end < 0 ? element : element.slice(0, end);
}

/** elementPrefix is the part of an element of `hosts` or `sites` that says which sources. */
export function elementPrefix(element: ElementText): PrefixText {
  return element.slice(element.indexOf(' ') + 1) as PrefixText;
}
