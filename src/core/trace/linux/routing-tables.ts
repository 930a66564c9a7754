import type { Address } from '../../ip/address.ts';
import { hostPrefix } from '../../ip/prefix.ts';
import { PrefixTrie } from '../../ip/trie.ts';
import type { Route } from './routes.ts';

type Tries = ReadonlyMap<string, PrefixTrie<readonly Route[]>>;

/**
 * RoutingTables are the routes of one family by table. Built at the first look-up, once: reading a machine costs nothing where nobody
 * asks about
 * its routes.
 */
export class RoutingTables {
  readonly routes: readonly Route[];
  #tries: Tries | undefined;
  #merged: PrefixTrie<readonly Route[]> | undefined;
  #hidden: boolean | undefined;
  #realms: boolean | undefined;
  #customLocals: boolean | undefined;

  constructor(routes: readonly Route[]) {
    // Packets have TOS 0: routes for another are never theirs.
    this.routes = routes.filter(({ tos }) => !tos);
  }

  /**
   * candidates are the routes of a table that contain the address: the longest prefix first, in each the order in which the kernel
   * tries them.
   */
  candidates(table: string, address: Address): Iterable<readonly Route[]> {
    this.#tries ??= triesOf(this.routes, ({ table: own }) => own);
    return longestFirst(this.#tries.get(table), address);
  }

  /** candidatesOfMerged are those of the tables local and main as one, the way IPv4 keeps them until the first policy rule is made. */
  candidatesOfMerged(address: Address): Iterable<readonly Route[]> {
    this.#merged ??= triesOf(
      this.routes.filter(({ table }) => table === 'local' || table === 'main').toSorted(localFirst),
      () => 'merged',
    ).get('merged');
    return longestFirst(this.#merged, address);
  }

  /**
   * isMergeVisible tells whether it can matter that local and main are one table: a route of main lies inside one of local, or the table
   * default, which then also has what main refuses, is not empty.
   */
  get isMergeVisible(): boolean {
    this.#hidden ??= !this.#isMergeVisible();
    return !this.#hidden;
  }

  /** hasRealms tells whether a route has a realm, which makes the kernel look for the way back of every source. */
  get hasRealms(): boolean {
    this.#realms ??= this.routes.some(({ realm }) => realm);
    return this.#realms;
  }

  /** hasCustomLocals tells whether somebody has made routes of type local; the kernel makes those of addresses itself. */
  get hasCustomLocals(): boolean {
    this.#customLocals ??= this.routes.some(({ type, protocol }) => type === 'local' && protocol !== 'kernel');
    return this.#customLocals;
  }

  #isMergeVisible(): boolean {
    if (this.routes.some(({ table }) => table === 'default')) return true;
    const wide = this.routes.filter(({ table, prefix }) => table === 'local' && prefix.length < (prefix.family === 4 ? 32 : 128));
    if (wide.length === 0) return false;
    const main = new PrefixTrie(this.routes.flatMap((route) => (route.table === 'main' ? [[route.prefix, route] as const] : [])));
    return wide.some(({ prefix }) => main.covered(prefix).length > 0);
  }
}

function localFirst(a: Route, b: Route): number {
  return Number(b.table === 'local') - Number(a.table === 'local');
}

function triesOf(routes: readonly Route[], nameOf: (route: Route) => string): Tries {
  const tables = new Map<string, PrefixTrie<Route[]>>();
  for (const route of routes) {
    const name = nameOf(route);
    const trie = tables.get(name) ?? new PrefixTrie<Route[]>();
    tables.set(name, trie);
    const same = trie.get(route.prefix)?.value;
    if (same === undefined) trie.insert(route.prefix, [route]);
    else same.push(route);
  }
  // Within a table the lowest metric first, else as listed; local stays before main where the two are one.
  for (const trie of tables.values())
    for (const { value } of trie.entries()) value.sort((a, b) => localFirst(a, b) || a.metric - b.metric);
  return tables;
}

function* longestFirst(trie: PrefixTrie<readonly Route[]> | undefined, address: Address): Generator<readonly Route[]> {
  const longest = trie?.lookup(address);
  if (trie === undefined || longest === undefined) return;
  yield longest.value;
  // Seldom: nothing of the longest prefix could be used.
  for (const { value } of trie.covering(hostPrefix(address)).toReversed().slice(1)) yield value;
}
