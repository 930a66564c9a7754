import type { KeyBits } from './key-bits.ts';
import { JumpTable } from './jump-table.ts';
import { bitAt, commonBits, leadingWord } from './key-bits.ts';
import {
  cellShift,
  childCell,
  childrenOf,
  entryFlag,
  keyAgrees,
  keyOf,
  lengthBits,
  lengthOf,
  linkCell,
  tagCell,
} from './trie-cells.ts';

/** A node on the way to a key, with the cell that points to it (the root has none). */
interface Step {
  readonly node: number;
  readonly link: number;
}

/**
 * BitTrie is a path-compressed binary trie over bit strings, kept in one Int32Array; IPv4 keys use the first word only.
 * Every node but the root (node 0, length 0) has an entry or two children, so n entries need at most 2n nodes of 32 bytes.
 * For 50,000 IPv4 prefixes of /8 to /28 that is a quarter of the nodes of a trie with one per bit (76,383 against 297,903);
 * for IPv6 the difference is larger. A JumpTable makes up for the larger nodes once the trie is at rest.
 */
export class BitTrie<E> {
  #cells = new Int32Array(64 << cellShift);
  readonly #entries: (E | undefined)[] = [undefined];
  readonly #released: number[] = [];
  #size = 0;
  #jumpTable: JumpTable | undefined;
  #lookupsSinceChange = 0;

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /** Number of nodes in use, for tests of the bound above. */
  get nodes(): number {
    return this.#entries.length - this.#released.length;
  }

  /** Whether look-ups go by a table at present; for tests. */
  get atRest(): boolean {
    return this.#jumpTable !== undefined;
  }

  /** lookup finds the entry with the longest key that these 128 bits begin with. */
  lookup(w0: number, w1: number, w2: number, w3: number): E | undefined {
    const node = this.#jumpTable?.lookup(w0, w1, w2, w3) ?? this.#walk(w0, w1, w2, w3);
    return node < 0 ? undefined : this.#entries[node];
  }

  /** lookup without a table, for a trie that is still being changed. */
  #walk(w0: number, w1: number, w2: number, w3: number): number {
    this.#lookupsSinceChange += 1;
    if (this.#lookupsSinceChange === this.nodes) this.#jumpTable = JumpTable.of(this.#cells, this.nodes);
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
    return best;
  }

  /** get finds the entry with exactly this key. */
  get(key: KeyBits, length: number): E | undefined {
    const last = this.#path(key, length).at(-1);
    return last !== undefined && lengthOf(this.#cells, last.node) === length ? this.#entries[last.node] : undefined;
  }

  /** set puts an entry under this key; one that is there is replaced. */
  set(key: KeyBits, length: number, entry: E): void {
    const deepest = this.#path(key, length).at(-1)?.node ?? 0;
    const deepestLength = lengthOf(this.#cells, deepest);
    if (deepestLength === length) {
      if (this.#entries[deepest] === undefined) this.#invalidate();
      this.#setEntry(deepest, entry);
      return;
    }
    this.#invalidate();
    const link = linkCell(deepest, deepestLength, key);
    const child = this.#cells[link] ?? 0;
    if (child === 0) {
      // Not in one statement: `this.#cells` would be read before newNode replaces it by a larger one.
      const leaf = this.#newNode(key, length, entry);
      this.#cells[link] = leaf;
      return;
    }
    // The child does not lie on the way: a node goes in between, which is the new entry's own or a fork.
    const childKey = keyOf(this.#cells, child);
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
    if (found === undefined || lengthOf(this.#cells, found.node) !== length) return false;
    if (this.#entries[found.node] === undefined) return false;
    this.#invalidate();
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
    const deepestLength = lengthOf(this.#cells, deepest);
    if (deepestLength === length) {
      pending.push(deepest);
    } else {
      const child = this.#cells[linkCell(deepest, deepestLength, key)] ?? 0;
      if (child !== 0 && commonBits(keyOf(this.#cells, child), key) >= length) pending.push(child);
    }
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const entry = this.#entries[node];
      if (entry !== undefined) found.push(entry);
      pending.push(...childrenOf(this.#cells, node).reverse());
    }
    return found;
  }

  /** All nodes whose key this key begins with, from the root on. */
  #path(key: KeyBits, length: number): Step[] {
    const path: Step[] = [];
    let step: Step = { node: 0, link: -1 };
    for (;;) {
      const nodeLength = lengthOf(this.#cells, step.node);
      if (nodeLength > length || commonBits(keyOf(this.#cells, step.node), key) < nodeLength) return path;
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

  #invalidate(): void {
    this.#jumpTable = undefined;
    this.#lookupsSinceChange = 0;
  }

  #setEntry(node: number, entry: E | undefined): void {
    const length = lengthOf(this.#cells, node);
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
}
