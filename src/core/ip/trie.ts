import type { Address } from './address.ts';
import { BitTrie } from './bit-trie.ts';
import type { KeyBits } from './key-bits.ts';
import { keyBits4, keyBits6 } from './key-bits.ts';
import type { Prefix } from './prefix.ts';

/** TrieEntry is what a PrefixTrie holds. The same object is returned by every look-up, so identity may be compared. */
export interface TrieEntry<V> {
  readonly prefix: Prefix;
  readonly value: V;
}

/**
 * PrefixTrie maps prefixes of both families to values and answers by longest match, as a kernel's routing table does.
 * Mutable. A look-up takes 0.1 to 0.2 µs among 50,000 prefixes, a change about 0.7 µs; memory is 32 to 64 bytes per prefix
 * beside the entry itself. See bench/trie.ts.
 */
export class PrefixTrie<V> {
  readonly #four = new BitTrie<TrieEntry<V>>();
  readonly #six = new BitTrie<TrieEntry<V>>();

  constructor(entries: Iterable<readonly [Prefix, V]> = []) {
    for (const [prefix, value] of entries) this.insert(prefix, value);
  }

  /** Number of prefixes. */
  get size(): number {
    return this.#four.size + this.#six.size;
  }

  /** insert sets the value of a prefix; an earlier value of exactly this prefix is replaced. */
  insert(prefix: Prefix, value: V): void {
    this.#trieOf(prefix).set(keyOf(prefix), prefix.length, { prefix, value });
  }

  /** remove takes exactly this prefix out; false if it is not there. */
  remove(prefix: Prefix): boolean {
    return this.#trieOf(prefix).delete(keyOf(prefix), prefix.length);
  }

  /** get is the entry of exactly this prefix. */
  get(prefix: Prefix): TrieEntry<V> | undefined {
    return this.#trieOf(prefix).get(keyOf(prefix), prefix.length);
  }

  /** lookup is the entry of the longest prefix that contains the address. */
  lookup(address: Address): TrieEntry<V> | undefined {
    if (address.family === 4) return this.#four.lookup(address.value | 0, 0, 0, 0);
    const key = keyBits6(address.value);
    return this.#six.lookup(key.w0, key.w1, key.w2, key.w3);
  }

  /** covering lists the entries whose prefix contains this one (itself included), the largest first. */
  covering(prefix: Prefix): TrieEntry<V>[] {
    return this.#trieOf(prefix).covering(keyOf(prefix), prefix.length);
  }

  /** covered lists the entries whose prefix lies inside this one (itself included), in the order of comparePrefix. */
  covered(prefix: Prefix): TrieEntry<V>[] {
    return this.#trieOf(prefix).covered(keyOf(prefix), prefix.length);
  }

  /** entries lists all, in the order of comparePrefix. */
  entries(): TrieEntry<V>[] {
    const all = keyBits4(0);
    return [...this.#four.covered(all, 0), ...this.#six.covered(all, 0)];
  }

  #trieOf(prefix: Prefix): BitTrie<TrieEntry<V>> {
    return prefix.family === 4 ? this.#four : this.#six;
  }
}

function keyOf(prefix: Prefix): KeyBits {
  return prefix.family === 4 ? keyBits4(prefix.base) : keyBits6(prefix.base);
}
