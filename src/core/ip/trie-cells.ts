import type { KeyBits } from './key-bits.ts';
import { bitAt } from './key-bits.ts';

/**
 * The layout of a BitTrie's nodes in one Int32Array: eight cells each, so that a node is half a cache line and never
 * straddles two. Cells 0-3 are its key, zero behind its length; 4 the length, plus `entryFlag` if an entry ends here; 5 and 6
 * the children, chosen by the first bit behind the length, 0 for none; 7 is used by JumpTable. Node 0 is the root.
 */
export const cellShift = 3;
export const tagCell = 4;
export const childCell = 5;
export const bestCell = 7;
export const entryFlag = 256;
export const lengthBits = 255;

/** lengthOf is the number of bits of a node's key. */
export function lengthOf(cells: Int32Array, node: number): number {
  return (cells[(node << cellShift) + tagCell] ?? 0) & lengthBits;
}

/** keyOf is a node's key. */
export function keyOf(cells: Int32Array, node: number): KeyBits {
  const at = node << cellShift;
  return { w0: cells[at] ?? 0, w1: cells[at + 1] ?? 0, w2: cells[at + 2] ?? 0, w3: cells[at + 3] ?? 0 };
}

/** childrenOf lists a node's children, the one with the lower keys first. */
export function childrenOf(cells: Int32Array, node: number): number[] {
  const at = (node << cellShift) + childCell;
  return [cells[at] ?? 0, cells[at + 1] ?? 0].filter((child) => child !== 0);
}

/** linkCell is the cell of a node that points to its child on the way to `key`. */
export function linkCell(node: number, length: number, key: KeyBits): number {
  return (node << cellShift) + childCell + bitAt(length, key.w0, key.w1, key.w2, key.w3);
}

/** keyAgrees tells whether the bits begin with the key of the node at cell `at`: commonBits without objects, for inner loops. */
export function keyAgrees(
  cells: Int32Array,
  at: number,
  length: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  const x0 = (cells[at] ?? 0) ^ w0;
  if (length <= 32) return Math.clz32(x0) >= length;
  if (x0 !== 0) return false;
  const x1 = (cells[at + 1] ?? 0) ^ w1;
  if (length <= 64) return Math.clz32(x1) >= length - 32;
  if (x1 !== 0) return false;
  const x2 = (cells[at + 2] ?? 0) ^ w2;
  if (length <= 96) return Math.clz32(x2) >= length - 64;
  if (x2 !== 0) return false;
  return Math.clz32((cells[at + 3] ?? 0) ^ w3) >= length - 96;
}
