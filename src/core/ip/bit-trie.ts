import type { KeyBits } from './key-bits.ts';
import { bitAt, commonBits, leadingWord } from './key-bits.ts';

// Cells of a node: 0-3 its key, zero behind its length; 4 the length, plus `entryFlag` if an entry ends here; 5 and 6 the
// children, chosen by the first bit behind the length; 7 is free, so that a node is half a cache line and never straddles.
const cellShift = 3;
const tagCell = 4;
const childCell = 5;
const entryFlag = 256;
const lengthBits = 255;

/** A node on the way to a key, with the cell that points to it (the root has none). */
interface Step {
  readonly node: number;
  readonly link: number;
}

/**
 * BitTrie is a path-compressed binary trie over bit strings, kept in one Int32Array; IPv4 keys use the first word only.
 * Every node but the root (node 0, length 0) has an entry or two children, so n entries need at most 2n nodes of 32 bytes.
 * Compared with one node per bit, that is a fifth of the nodes for 50,000 IPv4 prefixes, and a step of a lookup still costs
 * one memory access. A child of 0 means none, since the root is nobody's child.
 */
export class BitTrie<E> {
  #cells = new Int32Array(64 << cellShift);
  readonly #entries: (E | undefined)[] = [undefined];
  readonly #released: number[] = [];
  #size = 0;

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /** Number of nodes in use, for tests of the bound above. */
  get nodes(): number {
    return this.#entries.length - this.#released.length;
  }

  /** lookup finds the entry with the longest key that these 128 bits begin with. Allocates nothing. */
  lookup(w0: number, w1: number, w2: number, w3: number): E | undefined {
    const cells = this.#cells;
    let best = -1;
    let node = 0;
    do {
      const at = node << cellShift;
      const tag = cells[at + tagCell] ?? 0;
      const length = tag & lengthBits;
      if (!keyAgrees(cells, at, length, w0, w1, w2, w3)) break;
      if (tag >= entryFlag) best = node;
      node = cells[at + childCell + bitAt(length, w0, w1, w2, w3)] ?? 0;
    } while (node !== 0);
    return best < 0 ? undefined : this.#entries[best];
  }

  /** get finds the entry with exactly this key. */
  get(key: KeyBits, length: number): E | undefined {
    const last = this.#path(key, length).at(-1);
    return last !== undefined && this.#lengthOf(last.node) === length ? this.#entries[last.node] : undefined;
  }

  /** set puts an entry under this key; one that is there is replaced. */
  set(key: KeyBits, length: number, entry: E): void {
    const deepest = this.#path(key, length).at(-1)?.node ?? 0;
    const deepestLength = this.#lengthOf(deepest);
    if (deepestLength === length) {
      this.#setEntry(deepest, entry);
      return;
    }
    const link = linkCell(deepest, deepestLength, key);
    const child = this.#cells[link] ?? 0;
    if (child === 0) {
      this.#cells[link] = this.#newNode(key, length, entry);
      return;
    }
    // The child does not lie on the way: a node goes in between, which is the new entry's own or a fork.
    const childKey = this.#keyOf(child);
    const common = Math.min(commonBits(childKey, key), length);
    const between = this.#newNode(key, common, common === length ? entry : undefined);
    const leaf = common === length ? 0 : this.#newNode(key, length, entry);
    this.#cells[link] = between;
    if (leaf !== 0) this.#cells[linkCell(between, common, key)] = leaf;
    this.#cells[linkCell(between, common, childKey)] = child;
  }

  /** delete removes the entry with exactly this key and the nodes that only it needed; false if there is none. */
  delete(key: KeyBits, length: number): boolean {
    const path = this.#path(key, length);
    const found = path.pop();
    if (found === undefined || this.#lengthOf(found.node) !== length) return false;
    if (this.#entries[found.node] === undefined) return false;
    this.#setEntry(found.node, undefined);
    this.#dropIfNeedless(found);
    // If that took a leaf away, the node above may be a fork with one way left. Nothing further up can change.
    const above = path.pop();
    if (above !== undefined) this.#dropIfNeedless(above);
    return true;
  }

  /** covering lists the entries whose key this key begins with, its own included, the shortest first. */
  covering(key: KeyBits, length: number): E[] {
    return this.#path(key, length).flatMap(({ node }) => this.#entries[node] ?? []);
  }

  /** covered lists the entries whose key begins with this key, its own included, in the order of their keys. */
  covered(key: KeyBits, length: number): E[] {
    const found: E[] = [];
    const pending: number[] = [];
    const deepest = this.#path(key, length).at(-1)?.node ?? 0;
    const deepestLength = this.#lengthOf(deepest);
    if (deepestLength === length) {
      pending.push(deepest);
    } else {
      const child = this.#cells[linkCell(deepest, deepestLength, key)] ?? 0;
      if (child !== 0 && commonBits(this.#keyOf(child), key) >= length) pending.push(child);
    }
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const entry = this.#entries[node];
      if (entry !== undefined) found.push(entry);
      for (const side of [1, 0]) {
        const child = this.#cells[(node << cellShift) + childCell + side] ?? 0;
        if (child !== 0) pending.push(child);
      }
    }
    return found;
  }

  /** All nodes whose key this key begins with, from the root on. */
  #path(key: KeyBits, length: number): Step[] {
    const path: Step[] = [];
    let step: Step = { node: 0, link: -1 };
    for (;;) {
      const nodeLength = this.#lengthOf(step.node);
      if (nodeLength > length || commonBits(this.#keyOf(step.node), key) < nodeLength) return path;
      path.push(step);
      if (nodeLength === length) return path;
      const link = linkCell(step.node, nodeLength, key);
      const node = this.#cells[link] ?? 0;
      if (node === 0) return path;
      step = { node, link };
    }
  }

  /** A node without entry and with less than two children is taken out; the root stays. */
  #dropIfNeedless({ node, link }: Step): void {
    if (link < 0 || this.#entries[node] !== undefined) return;
    const at = node << cellShift;
    const left = this.#cells[at + childCell] ?? 0;
    const right = this.#cells[at + childCell + 1] ?? 0;
    if (left !== 0 && right !== 0) return;
    this.#cells[link] = left === 0 ? right : left;
    this.#released.push(node);
  }

  #setEntry(node: number, entry: E | undefined): void {
    const length = this.#lengthOf(node);
    if (this.#entries[node] !== undefined) this.#size -= 1;
    if (entry !== undefined) this.#size += 1;
    this.#entries[node] = entry;
    this.#cells[(node << cellShift) + tagCell] = entry === undefined ? length : length | entryFlag;
  }

  #newNode(key: KeyBits, length: number, entry: E | undefined): number {
    const node = this.#released.pop() ?? this.#entries.length;
    const at = node << cellShift;
    if (at === this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#entries[node] = undefined;
    const words = [key.w0, key.w1, key.w2, key.w3].map((word, index) => leadingWord(word, index, length));
    this.#cells.set([...words, length, 0, 0, 0], at);
    this.#setEntry(node, entry);
    return node;
  }

  #lengthOf(node: number): number {
    return (this.#cells[(node << cellShift) + tagCell] ?? 0) & lengthBits;
  }

  #keyOf(node: number): KeyBits {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = this.#cells.subarray(node << cellShift, (node << cellShift) + tagCell);
    return { w0, w1, w2, w3 };
  }
}

/** The cell of `node` that points to the child on the way to `key`. */
function linkCell(node: number, length: number, key: KeyBits): number {
  return (node << cellShift) + childCell + bitAt(length, key.w0, key.w1, key.w2, key.w3);
}

/** Whether the bits begin with the key of the node at `at`; commonBits without objects, for the inner loop of lookup. */
function keyAgrees(cells: Int32Array, at: number, length: number, w0: number, w1: number, w2: number, w3: number) {
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
