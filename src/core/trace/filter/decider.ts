import type { Owner } from './owner.ts';
import type { Hook, RuleFamily, RuleSource } from './rules.ts';

/** Decider is the place in the rules that decided, in the words in which people find it again. */
export type Decider = {
  readonly source: RuleSource;
  readonly family: RuleFamily;
  readonly table: string;
  /** The chain that the rule stands in. */
  readonly chain: string;
  readonly baseChain: string;
  readonly hook: Hook;
  readonly priority: number;
  /** nft's handle; null for a policy, and in iptables' own tables. */
  readonly handle: number | null;
  /** nft syntax, an iptables line, or `policy drop`. */
  readonly rule: string;
  readonly owner: Owner | null;
};
