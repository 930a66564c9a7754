/**
 * The one form that nft's and iptables' rules are read into. What could not be read is in it as `unknown` with the reason, at the place where
 * it stands: it only matters if a packet comes by.
 */
import type { Field } from './fields.ts';

/** Rules is everything that netfilter does on a machine. `unknown` is not null where not even the list of chains is known. */
export type Rules = {
  readonly unknown: string | null;
  /** As they were listed, which is the order in which they were made. */
  readonly baseChains: readonly BaseChain[];
  /** What a person should know beside: bridge tables, offloading, rules that came without their arguments. */
  readonly notes: readonly string[];
};

export type RuleFamily = 'ip' | 'ip6' | 'inet' | 'netdev';
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress';

/** `legacy` is iptables' own old tables, of which nft knows nothing. */
export type RuleSource = 'nft' | 'legacy';

export type Table = {
  readonly source: RuleSource;
  readonly family: RuleFamily;
  readonly name: string;
  readonly chains: ReadonlyMap<string, Chain>;
};

export type BaseChain = {
  readonly table: Table;
  readonly chain: Chain;
  readonly type: string;
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  /** Of the hooks that belong to a device: null where the listing does not tell. */
  readonly devices: readonly string[] | null;
  /** Why it may not be in force at all; null: it is. */
  readonly doubt: string | null;
};

export type Chain = { readonly name: string; readonly rules: readonly Rule[] };

/** Rule is read when a packet first comes to it: most of a large rule set is never looked at. */
export type Rule = {
  readonly handle: number | null;
  /** The statements in their order; undefined after the last. */
  readonly statement: (index: number) => Statement | undefined;
  readonly text: () => string;
};

export type Statement =
  | { readonly kind: 'match'; readonly left: Expression; readonly operator: MatchOperator; readonly right: Pattern }
  /** A condition that nobody can decide from here. */
  | { readonly kind: 'perhaps'; readonly what: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'verdict-map'; readonly key: Expression; readonly elements: () => readonly MapElement<Verdict>[] }
  | { readonly kind: 'set-mark'; readonly of: 'packet' | 'flow'; readonly value: Expression }
  | Nat
  | { readonly kind: 'notrack' }
  | { readonly kind: 'clamp-mss'; readonly size: number | 'route' }
  /** Whether the packet goes on from here is decided elsewhere (queue, tproxy), or the statement is none that we know. */
  | { readonly kind: 'undecidable'; readonly what: string };

export type Nat = {
  readonly kind: 'nat';
  readonly nat: NatKind;
  /** Only packets of this family; null: any. */
  readonly family: 4 | 6 | null;
  readonly address: Expression | null;
  readonly port: Expression | null;
  /** The network part is changed, the host part stays. */
  readonly netmap: boolean;
  readonly randomPort: boolean;
};
/** iptables' NETMAP changes the destination in prerouting and the source in postrouting. */
export type NatKind = 'snat' | 'dnat' | 'masquerade' | 'redirect' | 'netmap';

export type MatchOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '!';

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'reject'; readonly with: string; readonly requires: 'tcp' | 'ipv4' | 'ipv6' | null }
  | { readonly kind: 'unknown'; readonly what: string };

/** Scalar is an IPv4 address, port, mark and so on as number, an IPv6 address as bigint, a name as string. */
export type Scalar = number | bigint | string;
export type Interval = { readonly from: Scalar; readonly to: Scalar };
export type Value = Scalar | Interval | readonly Value[];

export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'fib'; readonly of: 'source' | 'destination'; readonly result: FibResult; readonly by: FibBy }
  | { readonly kind: 'bits'; readonly operator: BitOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'tuple'; readonly parts: readonly Expression[] }
  | { readonly kind: 'map'; readonly key: Expression; readonly elements: () => readonly MapElement<Expression>[] }
  | { readonly kind: 'unknown'; readonly what: string };

export type BitOperator = '&' | '|' | '^' | '<<' | '>>';
export type FibResult = 'type' | 'interface' | 'exists';
export type FibBy = { readonly iif: boolean; readonly oif: boolean; readonly mark: boolean };

export type Pattern =
  | { readonly kind: 'exact'; readonly value: Scalar }
  | { readonly kind: 'range'; readonly from: Scalar; readonly to: Scalar }
  /** Of interface names: `tun*`. */
  | { readonly kind: 'starts'; readonly text: string }
  | { readonly kind: 'tuple'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'one-of'; readonly patterns: () => readonly Pattern[] }
  /** Of sets and maps: what no other element holds. */
  | { readonly kind: 'anything' }
  | { readonly kind: 'unknown'; readonly what: string };

export type MapElement<Data> = { readonly key: Pattern; readonly data: Data };

/** lazily makes the value when it is first asked for, and once. */
export function lazily<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}
