import type { JsonObject } from './json.ts';
import { asList, asText, entryOf, isObject } from './json.ts';
import { nftSets } from './nft-sets.ts';
import type { NftSets } from './nft-sets.ts';
import { statementsOf } from './nft-statement.ts';
import { nftRuleText } from './nft-text.ts';
import type { BaseChain, Chain, Hook, Rule, RuleFamily, Table } from './rules.ts';

/** NftListing is what one `nft -j list ruleset` holds of IP, in its order. */
export type NftListing = { readonly baseChains: readonly BaseChain[]; readonly notes: readonly string[] };

/** Rules of iptables-nft as `iptables-nft-save` prints them: by family, table and chain; the n-th is the n-th of nft's listing. */
export type FullerRules = (family: RuleFamily, table: string, chain: string) => readonly Rule[] | undefined;

/** readNft reads the JSON, or says why it cannot. */
export function readNft(text: string, fuller: FullerRules): NftListing | { readonly unknown: string } {
  const parsed = parse(text);
  if (!isObject(parsed) || !Array.isArray(parsed['nftables'])) {
    return { unknown: text.startsWith('too large') ? `nft’s rules are ${text.trim()}` : 'nft’s rules are not whole JSON' };
  }
  const tables = groupByTable(parsed['nftables']);
  const baseChains: BaseChain[] = [];
  const notes: string[] = [];
  for (const listed of tables) {
    const { family, name } = listed;
    if (isRuleFamily(family)) baseChains.push(...readTable({ ...listed, family }, fuller, notes));
    else if (family === 'bridge') notes.push(`table bridge ${name}: rules for bridged frames are not followed`);
  }
  return { baseChains, notes };
}

type Listed = {
  readonly family: string;
  readonly name: string;
  readonly flags: unknown;
  readonly sets: JsonObject[];
  readonly flowtables: string[];
  readonly chains: JsonObject[];
  readonly rules: Map<string, JsonObject[]>;
};

function groupByTable(entries: readonly unknown[]): readonly Listed[] {
  const tables = new Map<string, Listed>();
  for (const entry of entries) {
    const [kind, content] = entryOf(entry) ?? ['', null];
    if (!isObject(content)) continue;
    const family = asText(content['family']) ?? '';
    const name = asText(kind === 'table' ? content['name'] : content['table']) ?? '';
    const key = `${family} ${name}`;
    const made: Listed = {
      family,
      name,
      flags: kind === 'table' ? content['flags'] : undefined,
      sets: [],
      flowtables: [],
      chains: [],
      rules: new Map(),
    };
    const table = tables.get(key) ?? made;
    tables.set(key, table);
    if (kind === 'set' || kind === 'map') table.sets.push(content);
    else if (kind === 'chain') table.chains.push(content);
    else if (kind === 'flowtable') table.flowtables.push(asText(content['name']) ?? '');
    else if (kind === 'rule') {
      const chain = asText(content['chain']) ?? '';
      const rules = table.rules.get(chain);
      if (rules === undefined) table.rules.set(chain, [content]);
      else rules.push(content);
    }
  }
  return [...tables.values()];
}

function readTable(listed: Listed & { readonly family: RuleFamily }, fuller: FullerRules, notes: string[]): readonly BaseChain[] {
  const state = stateOfTable(listed.flags);
  if (state.dormant) return [];
  const sets = nftSets(listed.sets);
  const chains = new Map<string, Chain>();
  const table: Table = { source: 'nft', family: listed.family, name: listed.name, chains };
  const baseChains: BaseChain[] = [];
  let withoutArguments = 0;
  for (const json of listed.chains) {
    const name = asText(json['name']) ?? '';
    const read = readRules(listed, name, sets, fuller);
    withoutArguments += read.withoutArguments;
    const chain: Chain = { name, rules: read.rules };
    chains.set(name, chain);
    const base = readBase(json, state.doubt);
    if (base !== undefined) baseChains.push({ ...base, table, chain });
  }
  for (const flowtable of listed.flowtables) {
    notes.push(`table ${listed.family} ${listed.name}: flows in flowtable ${flowtable} pass no rules after their first packets`);
  }
  if (withoutArguments > 0) {
    notes.push(
      `table ${listed.family} ${listed.name}: ${String(withoutArguments)} rules of iptables came without their arguments`,
    );
  }
  return baseChains;
}

/** nft 1.0.6 prints some other text of its memory where it means `dormant`; older ones print nothing. */
function stateOfTable(flags: unknown): { readonly dormant: boolean; readonly doubt: string | null } {
  const words = Array.isArray(flags) ? flags : flags === undefined ? [] : [flags];
  if (words.includes('dormant')) return { dormant: true, doubt: null };
  const known = words.every((word) => word === 'owner' || word === 'persist');
  return {
    dormant: false,
    doubt: known ? null : 'its table has flags that this version of nft does not print right: it may be dormant',
  };
}

function readRules(
  listed: Listed & { readonly family: RuleFamily },
  chain: string,
  sets: NftSets,
  fuller: FullerRules,
): { readonly rules: readonly Rule[]; readonly withoutArguments: number } {
  const listedRules = listed.rules.get(chain) ?? [];
  const byIptables = fuller(listed.family, listed.name, chain);
  // The same chain at another moment is of no use.
  const usable = byIptables?.length === listedRules.length ? byIptables : undefined;
  let withoutArguments = 0;
  const rules = listedRules.map((json, index): Rule => {
    const handle = typeof json['handle'] === 'number' ? json['handle'] : null;
    const incomplete = asList(json['expr']).some((expression) => isObject(expression) && Object.hasOwn(expression, 'xt'));
    const line = usable?.[index];
    if (incomplete && line === undefined) withoutArguments += 1;
    // nft's own reading is preferred where it is complete: iptables leaves out what it does not understand in rules that nft has added.
    return {
      handle,
      statement: incomplete && line !== undefined ? line.statement : statementsOf(json['expr'], sets),
      text: line?.text ?? (() => nftRuleText(json['expr'])),
    };
  });
  return { rules, withoutArguments };
}

function readBase(json: JsonObject, doubt: string | null): Omit<BaseChain, 'table' | 'chain'> | undefined {
  const { hook, prio, policy, type, dev } = json;
  if (!isHook(hook)) return undefined;
  const devices = typeof dev === 'string' ? [dev] : Array.isArray(dev) ? dev.filter((name) => typeof name === 'string') : null;
  return {
    type: asText(type) ?? 'filter',
    hook,
    priority: typeof prio === 'number' ? prio : 0,
    policy: policy === 'drop' ? 'drop' : 'accept',
    devices,
    doubt,
  };
}

const hooks: readonly unknown[] = [
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
] satisfies Hook[];

function isHook(hook: unknown): hook is Hook {
  return hooks.includes(hook);
}

function isRuleFamily(family: string): family is RuleFamily {
  return family === 'ip' || family === 'ip6' || family === 'inet' || family === 'netdev';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
