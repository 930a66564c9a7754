import { readIptablesRule } from './iptables-rule.ts';
import type { BaseChain, Chain, Hook, Rule, RuleSource, Table } from './rules.ts';
import { lazily } from './rules.ts';

export type IptablesFamily = 'ip' | 'ip6';

/** IptablesTable is one table of `iptables-save`: chains with their rules, and the policies of those that are called from a hook. */
export type IptablesTable = {
  readonly table: Table;
  readonly policies: ReadonlyMap<string, 'accept' | 'drop'>;
};

/** readIptablesSave reads the text of iptables-save, with or without counters and comments. Undefined where it is cut off or none. */
export function readIptablesSave(text: string, family: IptablesFamily, source: RuleSource): readonly IptablesTable[] | undefined {
  const tables: IptablesTable[] = [];
  let open:
    | { readonly name: string; readonly chains: Map<string, Rule[]>; readonly policies: Map<string, 'accept' | 'drop'> }
    | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      if (open !== undefined) return undefined;
      open = { name: line.slice(1).trim(), chains: new Map(), policies: new Map() };
    } else if (open === undefined) {
      return undefined;
    } else if (line === 'COMMIT') {
      const chains = new Map<string, Chain>();
      for (const [name, rules] of open.chains) chains.set(name, { name, rules });
      tables.push({ table: { source, family, name: open.name, chains }, policies: open.policies });
      open = undefined;
    } else if (line.startsWith(':')) {
      const [name = '', policy = ''] = line.slice(1).split(' ');
      open.chains.set(name, []);
      if (policy !== '-') open.policies.set(name, policy === 'DROP' ? 'drop' : 'accept');
    } else {
      const found = /^(?:\[[0-9:]*\] *)?-A ([^ ]+) ?(.*)$/.exec(line);
      const chain = found === null ? undefined : open.chains.get(found[1] ?? '');
      if (found === null || chain === undefined) return undefined;
      const rest = found[2] ?? '';
      const { chains } = open;
      const statements = lazily(() => readIptablesRule(rest, family, (name) => chains.has(name)));
      chain.push({
        handle: null,
        statement: (index) => statements()[index],
        text: () => `-A ${found[1] ?? ''} ${rest}`.trimEnd(),
      });
    }
  }
  return open === undefined ? tables : undefined;
}

type Place = { readonly hook: Hook; readonly priority: number };

/** enum nf_ip_hook_priorities of include/uapi/linux/netfilter_ipv4.h; NAT's order among others is hook-order.ts's. */
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

const hookOfChain: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** legacyBaseChains are the built-in chains of the tables, at the priorities that the kernel gives them. */
export function legacyBaseChains(tables: readonly IptablesTable[]): readonly BaseChain[] {
  return tables.flatMap(({ table, policies }) =>
    [...policies].flatMap(([name, policy]): BaseChain[] => {
      const chain = table.chains.get(name);
      const place = placeOf(table.name, name);
      if (chain === undefined || place === undefined) return [];
      return [{ table, chain, type: table.name === 'nat' ? 'nat' : 'filter', ...place, policy, devices: null, doubt: null }];
    }),
  );
}

function placeOf(table: string, chain: string): Place | undefined {
  const hook = Object.hasOwn(hookOfChain, chain) ? hookOfChain[chain] : undefined;
  if (hook === undefined) return undefined;
  if (table === 'nat') return { hook, priority: hook === 'prerouting' || hook === 'output' ? -100 : 100 };
  const priority = Object.hasOwn(priorities, table) ? priorities[table] : undefined;
  return priority === undefined ? undefined : { hook, priority };
}
