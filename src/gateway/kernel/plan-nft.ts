import type { DesiredKernel } from './desired-kernel.ts';
import type { Step } from './kernel-plan.ts';
import type { ElementText, NftElements } from './nft-elements.ts';
import { elementDevice, elementPrefix, elementStep, mapSets, noElements } from './nft-elements.ts';
import type { NftSetName } from './nft-table.ts';
import { chainShape, nftSetNames, nftSets, nftTableText, setShape } from './nft-table.ts';
import type { ObservedKernel, ObservedTable } from './observed-kernel.ts';
import { mayStay } from './plan-ip.ts';

/**
 * Taking a prefix out of a large set costs the kernel a pass over all of it (22 ms at 10,000), making the table anew costs as much as 12 of
 * them. Small sets are not worth it: their counters would be lost for nothing.
 */
const mostPrefixRemovals = 12;
const largeSet = 1_000;

/**
 * planNft is the part of the plan that nft runs, in one transaction. If the table's rules and sets are all there, only elements change; if
 * one is missing, foreign or in another place, the table is made anew with all its elements. Pure.
 */
export function planNft(desired: DesiredKernel, observed: ObservedKernel): Step[] {
  const { own } = desired;
  const present = observed.table?.elements ?? noElements;
  const wanted = wantedElements(desired, present);
  if (observed.table === null || !hasShapes(observed.table, desired) || isCheaperAnew(present, wanted)) {
    const make: Step = { line: nftTableText(own, desired.chains), object: `firewall table ${own.nftTable}`, change: 'add' };
    return [make, ...nftSetNames.flatMap((set) => [...wanted[set]].map((key) => elementStep(own, 'add', set, key)))];
  }
  // Removals first: an element may overlap one that it replaces, and the transaction is atomic for packets anyway.
  return [
    ...nftSetNames.flatMap((set) => difference(present[set], wanted[set]).map((key) => elementStep(own, 'delete', set, key))),
    ...nftSetNames.flatMap((set) => difference(wanted[set], present[set]).map((key) => elementStep(own, 'add', set, key))),
  ];
}

function isCheaperAnew(present: NftElements, wanted: NftElements): boolean {
  return nftSetNames
    .filter((set) => nftSets[set].interval && present[set].size > largeSet)
    .some((set) => difference(present[set], wanted[set]).length > mostPrefixRemovals);
}

/** What is desired, and what is there for lanes that have not told yet who is connected. */
function wantedElements(desired: DesiredKernel, present: NftElements): NftElements {
  const { elements, undecided } = desired;
  if (undecided.size === 0) return elements;
  const sources = (element: ElementText) => mayStay(desired, elementPrefix(element), elementDevice(element));
  // Of the hand-over lane; all other lanes have theirs from the configuration. Where nobody is an internet gateway, none is left either.
  const gateways = (element: ElementText) => undecided.has(element) && elements.egress.size > 0;
  const staying: Partial<Record<NftSetName, (element: ElementText) => boolean>> = {
    open: (element) => undecided.has(element),
    hosts: sources,
    sites: sources,
    egress: gateways,
  };
  return mapSets((set) => {
    const stays = staying[set];
    return stays === undefined ? elements[set] : new Set([...elements[set], ...[...present[set]].filter(stays)]);
  });
}

/** difference is what is in one set and not in the other. */
export function difference<Key>(from: ReadonlySet<Key>, without: ReadonlySet<Key>): Key[] {
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
    ...nftSetNames.map((name) => setShape(name, nftSets[name])),
  ];
  return table.shapes.size === wanted.length && wanted.every((shape) => table.shapes.has(shape));
}
