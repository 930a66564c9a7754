import type { FullerRules } from './nft-rules.ts';
import { readNft } from './nft-rules.ts';
import type { IptablesTable } from './iptables-save.ts';
import { legacyBaseChains, readIptablesSave } from './iptables-save.ts';
import type { Rules } from './rules.ts';

/** RuleSections are texts of an observation; absent where the agent sent none. */
export type RuleSections = {
  /** `nft -j -s list ruleset`. */
  readonly nft?: string | undefined;
  /** `iptables-legacy-save`: absent where the legacy tables are not in use. */
  readonly iptablesLegacy?: string | undefined;
  readonly ip6tablesLegacy?: string | undefined;
  /** `iptables-nft-save`: the same rules as nft's, with the arguments that nft leaves out. */
  readonly iptablesNft?: string | undefined;
  readonly ip6tablesNft?: string | undefined;
};

/** readRules reads what the machine listed. Never throws: what cannot be read is `unknown` in the result, with the reason. */
export function readRules(sections: RuleSections): Rules {
  if (sections.nft === undefined || sections.nft.trim() === '') return unknown('the machine has not said what nft’s rules are');
  const nft = readNft(sections.nft, fullerRules(sections));
  if ('unknown' in nft) return unknown(nft.unknown);
  const legacy = readLegacy(sections.iptablesLegacy, 'ip');
  const legacy6 = readLegacy(sections.ip6tablesLegacy, 'ip6');
  if (legacy === undefined || legacy6 === undefined) return unknown('the rules of iptables-legacy are cut off');
  return {
    unknown: null,
    baseChains: [...nft.baseChains, ...legacyBaseChains(legacy), ...legacyBaseChains(legacy6)],
    notes: nft.notes,
  };
}

function readLegacy(text: string | undefined, family: 'ip' | 'ip6'): readonly IptablesTable[] | undefined {
  return text === undefined || text.trim() === '' ? [] : readIptablesSave(text, family, 'legacy');
}

/** An iptables-nft-save that cannot be read helps nobody, and nft's listing has all its rules. */
function fullerRules({ iptablesNft, ip6tablesNft }: RuleSections): FullerRules {
  const tables = [
    ...((iptablesNft === undefined ? undefined : readIptablesSave(iptablesNft, 'ip', 'nft')) ?? []),
    ...((ip6tablesNft === undefined ? undefined : readIptablesSave(ip6tablesNft, 'ip6', 'nft')) ?? []),
  ];
  return (family, table, chain) =>
    tables.find((each) => each.table.family === family && each.table.name === table)?.table.chains.get(chain)?.rules;
}

function unknown(why: string): Rules {
  return { unknown: why, baseChains: [], notes: [] };
}
