/**
 * Longest-prefix match with 50,000 prefixes: PrefixTrie against the named alternative, one Map per prefix length asked from the
 * longest to the shortest, on the same prefixes and addresses in the same run. Both answer with an entry { prefix, value }. Budget: 4 times as many look-ups a second (IPv4).
 * Both get ready-made addresses; checksums of what they found must agree. `--json` for programs.
 */
import type { Address, Address4, Address6 } from '../src/core/ip/address.ts';
import { address4, address6 } from '../src/core/ip/address.ts';
import type { Prefix } from '../src/core/ip/prefix.ts';
import { containsAddress, prefixOf } from '../src/core/ip/prefix.ts';
import type { TrieEntry } from '../src/core/ip/trie.ts';
import { PrefixTrie } from '../src/core/ip/trie.ts';

const prefixCount = 50_000;
const lookups = 1_000_000;
const rounds = 5;

/** xorshift32: the same prefixes in every run, so that figures of two commits can be compared. */
function randomWords(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const random = randomWords(20261124);
const between = (low: number, high: number) => low + (random() % (high - low + 1));
const random4 = () => address4(random());
/** Inside 2001:db8::/32, so that prefixes nest as in a real plan; uniform ones would hardly ever match. */
const random6 = () =>
  address6((0x20010db8n << 96n) | (BigInt(random() & 0xffff) << 80n) | (BigInt(random()) << 32n) | BigInt(random()));

interface Way {
  readonly build: () => (address: Address) => number;
}

/** What is looked up is the number of the prefix, -1 for none. */
function trieOver(prefixes: readonly Prefix[]): Way {
  return {
    build: () => {
      const trie = new PrefixTrie<number>();
      for (const [index, prefix] of prefixes.entries()) trie.insert(prefix, index);
      return (address) => trie.lookup(address)?.value ?? -1;
    },
  };
}

function mapPerLength4(prefixes: readonly Prefix[]): Way {
  return {
    build: () => {
      const byLength = new Map<number, Map<number, TrieEntry<number>>>();
      for (const [index, prefix] of prefixes.entries()) {
        if (prefix.family !== 4) continue;
        byLength.set(
          prefix.length,
          (byLength.get(prefix.length) ?? new Map<number, TrieEntry<number>>()).set(prefix.base, { prefix, value: index }),
        );
      }
      const longestFirst = [...byLength]
        .sort(([a], [b]) => b - a)
        .map(([length, map]) => ({ mask: length === 0 ? 0 : -1 << (32 - length), map }));
      return (address) => {
        if (address.family !== 4) return -1;
        for (const { mask, map } of longestFirst) {
          const found = map.get((address.value & mask) >>> 0);
          if (found !== undefined) return found.value;
        }
        return -1;
      };
    },
  };
}

function mapPerLength6(prefixes: readonly Prefix[]): Way {
  return {
    build: () => {
      const byLength = new Map<number, Map<bigint, TrieEntry<number>>>();
      for (const [index, prefix] of prefixes.entries()) {
        if (prefix.family !== 6) continue;
        const key = prefix.base >> BigInt(128 - prefix.length);
        byLength.set(
          prefix.length,
          (byLength.get(prefix.length) ?? new Map<bigint, TrieEntry<number>>()).set(key, { prefix, value: index }),
        );
      }
      const longestFirst = [...byLength].sort(([a], [b]) => b - a).map(([length, map]) => ({ shift: BigInt(128 - length), map }));
      return (address) => {
        if (address.family !== 6) return -1;
        for (const { shift, map } of longestFirst) {
          const found = map.get(address.value >> shift);
          if (found !== undefined) return found.value;
        }
        return -1;
      };
    },
  };
}

interface Measured {
  readonly buildMs: number;
  readonly perSecond: number;
  readonly checksum: number;
}

function measureOnce(way: Way, addresses: readonly Address[]): Measured {
  const started = performance.now();
  const find = way.build();
  const built = performance.now();
  let checksum = 0;
  for (const address of addresses) checksum = (checksum + find(address)) | 0;
  const seconds = (performance.now() - built) / 1000;
  return { buildMs: built - started, perSecond: addresses.length / seconds, checksum };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Interleaved rounds, so that a busy machine disturbs both alike. */
function compare(name: string, budget: number | null, ours: Way, alternative: Way, addresses: readonly Address[]) {
  const pairs = Array.from(
    { length: rounds },
    () => [measureOnce(ours, addresses), measureOnce(alternative, addresses)] as const,
  );
  for (const [mine, theirs] of pairs) {
    if (mine.checksum !== theirs.checksum) throw new Error(`${name}: trie and maps found different prefixes`);
  }
  const trie = median(pairs.map(([mine]) => mine.perSecond));
  const maps = median(pairs.map(([, theirs]) => theirs.perSecond));
  return {
    name,
    lookupsPerSecond: Math.round(trie),
    alternativePerSecond: Math.round(maps),
    ratio: Number((trie / maps).toFixed(2)),
    budget,
    buildMs: Number(median(pairs.map(([mine]) => mine.buildMs)).toFixed(1)),
  };
}

/** One prefix once: with duplicates the two ways could rightly name different numbers. */
function distinct(make: () => Prefix): Prefix[] {
  const found = new PrefixTrie<true>();
  while (found.size < prefixCount) found.insert(make(), true);
  return found.entries().map(({ prefix }) => prefix);
}

/** Addresses of which most lie in a long prefix, as in traffic; the alternative finds those early. */
function insideOf(prefixes: readonly Prefix[], make: () => Address): Address[] {
  return Array.from({ length: lookups }, () => {
    const prefix = prefixes[random() % prefixes.length];
    const address = make();
    if (prefix === undefined || containsAddress(prefix, address)) return address;
    if (prefix.family === 4) return address4((prefix.base + (random() % 2 ** (32 - prefix.length))) >>> 0);
    return address6(prefix.base + BigInt(random() & 0xffff) * (prefix.length > 112 ? 0n : 1n));
  });
}

const four = distinct(() => prefixOf(random4(), between(8, 28)));
const six = distinct(() => prefixOf(random6(), between(32, 64)));
const uniform4: Address4[] = Array.from({ length: lookups }, random4);
const uniform6: Address6[] = Array.from({ length: lookups }, random6);

const figures = [
  compare('IPv4 /8-/28, uniform addresses', 4, trieOver(four), mapPerLength4(four), uniform4),
  compare('IPv4 /8-/28, addresses inside', null, trieOver(four), mapPerLength4(four), insideOf(four, random4)),
  compare('IPv6 /32-/64, random addresses', null, trieOver(six), mapPerLength6(six), uniform6),
  compare('IPv6 /32-/64, addresses inside', null, trieOver(six), mapPerLength6(six), insideOf(six, random6)),
];

if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'trie', prefixes: prefixCount, lookups, figures }));
else {
  const million = (value: number) => `${(value / 1e6).toFixed(2)} M/s`;
  for (const { name, lookupsPerSecond, alternativePerSecond, ratio, budget, buildMs } of figures) {
    const wanted = budget === null ? '' : `  budget ${budget.toFixed(1)} x`;
    console.log(
      `${name.padEnd(32)} trie ${million(lookupsPerSecond)}  maps ${million(alternativePerSecond)}  ${ratio.toFixed(2)} x${wanted}  build ${buildMs.toFixed(0)} ms`,
    );
  }
}
