import type { PrefixText } from '../../core/ip/prefix.ts';
import type { AttachedKey, DesiredKernel } from './desired-kernel.ts';
import type { Step } from './kernel-plan.ts';
import { chainShape, nftTableText } from './nft-table.ts';
import { attachedShape } from './observe-nft.ts';
import type { ObservedKernel, ObservedTable } from './observed-kernel.ts';
import { mayStay } from './plan-ip.ts';
import type { KernelOwnership } from './ownership.ts';

/**
 * planNft is the part of the plan that nft runs, in one transaction. If the table's rules are all there, only elements change; if one is
 * missing, foreign or in another place, the table is made anew with all its elements. Pure.
 */
export function planNft(desired: DesiredKernel, observed: ObservedKernel): Step[] {
  const { own } = desired;
  const table = observed.table;
  const present = table?.attached ?? new Set<AttachedKey>();
  const wanted = new Set(desired.attached);
  for (const key of present) if (mayStay(desired, elementPrefix(key), elementDevice(key))) wanted.add(key);
  if (table === null || !hasShapes(table, desired)) {
    const make: Step = { line: nftTableText(own, desired.chains), object: `firewall table ${own.nftTable}`, change: 'add' };
    return [make, ...[...wanted].map((key) => elementStep(own, 'add', key))];
  }
  // Removals first: an element may overlap one that it replaces, and the transaction is atomic for packets anyway.
  return [
    ...[...present].filter((key) => !wanted.has(key)).map((key) => elementStep(own, 'delete', key)),
    ...[...wanted].filter((key) => !present.has(key)).map((key) => elementStep(own, 'add', key)),
  ];
}

function hasShapes(table: ObservedTable, { chains }: DesiredKernel): boolean {
  const wanted = chains.map(({ name, base, rules }) =>
    chainShape(
      name,
      base,
      rules.map((rule) => rule.name),
    ),
  );
  return (
    table.shapes.size === wanted.length + 1 && table.shapes.has(attachedShape) && wanted.every((shape) => table.shapes.has(shape))
  );
}

/** elementStep is one line for one element, so that an error names it. */
export function elementStep(own: KernelOwnership, verb: 'add' | 'delete', key: AttachedKey): Step {
  const device = elementDevice(key);
  return {
    line: `${verb} element inet ${own.nftTable} attached { "${device}" . ${elementPrefix(key)} }`,
    object: `source ${elementPrefix(key)} on ${device}`,
    change: verb === 'add' ? 'add' : 'remove',
    device,
  };
}

function elementDevice(key: AttachedKey): string {
  return key.slice(0, key.indexOf(' '));
}

function elementPrefix(key: AttachedKey): PrefixText {
  return key.slice(key.indexOf(' ') + 1) as PrefixText;
}
