import type { PrefixText } from '../../core/ip/prefix.ts';
import type { AttachedKey, DesiredKernel } from './desired-kernel.ts';
import type { Step } from './kernel-plan.ts';
import type { NftSetName } from './nft-table.ts';
import { chainShape, nftSets, nftTableText, setShape } from './nft-table.ts';
import type { ObservedKernel, ObservedTable } from './observed-kernel.ts';
import { mayStay } from './plan-ip.ts';
import type { KernelOwnership } from './ownership.ts';

/** Elements of each set, by its name. */
type Elements = {
  readonly open: ReadonlySet<string>;
  readonly hosts: ReadonlySet<AttachedKey>;
  readonly sites: ReadonlySet<AttachedKey>;
};

const none: Elements = { open: new Set(), hosts: new Set(), sites: new Set() };

/**
 * Taking a prefix out of a large set costs the kernel a pass over all of it (22 ms at 10,000), making the table anew costs as much as 12 of
 * them. Small sets are not worth it: their counters would be lost for nothing.
 */
const mostSiteRemovals = 12;
const largeSite = 1_000;

/**
 * planNft is the part of the plan that nft runs, in one transaction. If the table's rules and sets are all there, only elements change; if
 * one is missing, foreign or in another place, the table is made anew with all its elements. Pure.
 */
export function planNft(desired: DesiredKernel, observed: ObservedKernel): Step[] {
  const { own } = desired;
  const present = observed.table ?? none;
  const wanted = wantedElements(desired, present);
  const siteRemovals = difference(present.sites, wanted.sites).length;
  const isCheaperAnew = siteRemovals > mostSiteRemovals && present.sites.size > largeSite;
  if (observed.table === null || !hasShapes(observed.table, desired) || isCheaperAnew) {
    const make: Step = { line: nftTableText(own, desired.chains), object: `firewall table ${own.nftTable}`, change: 'add' };
    return [make, ...setNames.flatMap((set) => [...wanted[set]].map((key) => elementStep(own, 'add', set, key)))];
  }
  // Removals first: an element may overlap one that it replaces, and the transaction is atomic for packets anyway.
  return [
    ...setNames.flatMap((set) => difference(present[set], wanted[set]).map((key) => elementStep(own, 'delete', set, key))),
    ...setNames.flatMap((set) => difference(wanted[set], present[set]).map((key) => elementStep(own, 'add', set, key))),
  ];
}

const setNames = Object.keys(nftSets) as NftSetName[];

/** What is desired, and what is there for lanes that have not told yet who is connected. */
function wantedElements(desired: DesiredKernel, present: Elements): Elements {
  const { open, hosts, sites, undecided } = desired;
  if (undecided.size === 0) return { open, hosts, sites };
  const staying = (keys: ReadonlySet<AttachedKey>) =>
    [...keys].filter((key) => mayStay(desired, elementPrefix(key), elementDevice(key)));
  return {
    open: new Set([...open, ...[...present.open].filter((device) => undecided.has(device))]),
    hosts: new Set([...hosts, ...staying(present.hosts)]),
    sites: new Set([...sites, ...staying(present.sites)]),
  };
}

function difference<Key>(from: ReadonlySet<Key>, without: ReadonlySet<Key>): Key[] {
  return [...from].filter((key) => !without.has(key));
}

function hasShapes(table: ObservedTable, { chains }: DesiredKernel): boolean {
  const wanted = [
    ...chains.map(({ name, base, rules }) =>
      chainShape(
        name,
        base,
        rules.map((rule) => rule.name),
      ),
    ),
    ...Object.entries(nftSets).map(([name, { type, interval }]) =>
      setShape(name, type.split(' . '), interval ? ['interval'] : []),
    ),
  ];
  return table.shapes.size === wanted.length && wanted.every((shape) => table.shapes.has(shape));
}

/** elementStep is one line for one element, so that an error names it. Keys of `open` are devices, of the others AttachedKeys. */
export function elementStep(own: KernelOwnership, verb: 'add' | 'delete', set: NftSetName, key: string): Step {
  const change = verb === 'add' ? 'add' : 'remove';
  if (set === 'open') {
    return { line: `${verb} element inet ${own.nftTable} open { "${key}" }`, object: `openness of ${key}`, change, device: key };
  }
  const [device, prefix] = [elementDevice(key), elementPrefix(key)];
  const address = set === 'hosts' ? prefix.replace(/\/32$/, '') : prefix;
  return {
    line: `${verb} element inet ${own.nftTable} ${set} { "${device}" . ${address} }`,
    object: `source ${prefix} on ${device}`,
    change,
    device,
  };
}

function elementDevice(key: string): string {
  return key.slice(0, key.indexOf(' '));
}

function elementPrefix(key: string): PrefixText {
  return key.slice(key.indexOf(' ') + 1) as PrefixText;
}
