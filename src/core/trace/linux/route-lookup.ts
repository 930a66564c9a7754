import { containsAddress } from '../../ip/prefix.ts';
import type { LegChoice } from './choose-legs.ts';
import { chooseLegs4, chooseLegs6 } from './choose-legs.ts';
import type { LinuxHost } from './linux-host.ts';
import { needed, undecided } from './known.ts';
import type { RouteQuery } from './route-query.ts';
import type { Route } from './routes.ts';
import type { RoutingTables } from './routing-tables.ts';
import type { PolicyRule } from './rules.ts';

export type Lookup =
  | { readonly kind: 'found'; readonly route: Route; readonly choice: LegChoice; readonly rule: PolicyRule }
  /** A route or a rule refuses; `by` is its text. */
  | {
      readonly kind: 'refused';
      readonly refusal: 'blackhole' | 'unreachable' | 'prohibit';
      readonly by: { readonly kind: 'rule' | 'route'; readonly text: string };
    }
  | { readonly kind: 'none' };

/** lookupRoute follows policy rules and tables (fib_rules_lookup, fib_table_lookup, fib6_table_lookup). */
export function lookupRoute(host: LinuxHost, query: RouteQuery): Lookup {
  const { family } = query.destination;
  const rules = needed(host.rules[family]);
  const tables = needed(host.routes[family]);
  const found = followRules(host, rules, tables, query);
  if (family === 4 && tables.isMergeVisible && !hasCustomRules(rules) && !sameAnswer(found, lookupMerged(host, tables, query))) {
    return undecided(
      'the kernel answers differently here once it has had a policy rule, and rules that are gone are not reported',
    );
  }
  return found;
}

const firstRules = ['0: from all lookup local', '32766: from all lookup main', '32767: from all lookup default'];

/** hasCustomRules is true if there are others than the three that every namespace begins with. */
export function hasCustomRules(rules: readonly PolicyRule[]): boolean {
  return rules.length !== firstRules.length || rules.some(({ text }, index) => text !== firstRules[index]);
}

function followRules(host: LinuxHost, rules: readonly PolicyRule[], tables: RoutingTables, query: RouteQuery): Lookup {
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (rule === undefined || !matches(host, rule, query)) continue;
    const { action } = rule;
    switch (action.kind) {
      case 'nop':
        continue;
      case 'goto': {
        const target = rules.findIndex(({ priority }, at) => at > index && priority === action.priority);
        if (target > index) index = target - 1;
        continue;
      }
      case 'blackhole':
      case 'unreachable':
      case 'prohibit':
        return { kind: 'refused', refusal: action.kind, by: { kind: 'rule', text: rule.text } };
      case 'lookup': {
        const found = lookupTable(host, tables.candidates(action.table, query.destination), query, rule);
        if (found.kind === 'none' || isSuppressed(host, found, rule)) continue;
        return found;
      }
    }
  }
  return { kind: 'none' };
}

function lookupTable(host: LinuxHost, candidates: Iterable<readonly Route[]>, query: RouteQuery, rule: PolicyRule): Lookup {
  const chosen =
    query.destination.family === 4 ? chooseLegs4(host, candidates, query) : chooseLegs6(host, [...candidates], query);
  if (chosen === undefined) return { kind: 'none' };
  const { route, choice } = chosen;
  switch (route.type) {
    case 'throw':
      return { kind: 'none' };
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: 'refused', refusal: route.type, by: { kind: 'route', text: route.text } };
    case 'unicast':
    case 'local':
    case 'broadcast':
    case 'anycast':
    case 'multicast':
      return { kind: 'found', route, choice, rule };
  }
}

function lookupMerged(host: LinuxHost, tables: RoutingTables, query: RouteQuery): Lookup {
  const [rule] = needed(host.rules[4]);
  if (rule === undefined) return { kind: 'none' };
  const found = lookupTable(host, tables.candidatesOfMerged(query.destination), query, rule);
  if (found.kind === 'found') return found;
  const last = lookupTable(host, tables.candidates('default', query.destination), query, rule);
  return last.kind === 'none' && ![...tables.routes].some(({ table }) => table === 'default') ? found : last;
}

function sameAnswer(a: Lookup, b: Lookup): boolean {
  if (a.kind === 'found') return b.kind === 'found' && a.route === b.route;
  return a.kind === 'refused' ? b.kind === 'refused' && a.by.text === b.by.text : b.kind === 'none';
}

function isSuppressed(host: LinuxHost, found: Lookup, { action }: PolicyRule): boolean {
  if (found.kind !== 'found' || action.kind !== 'lookup') return false;
  if (found.route.prefix.length <= action.suppressLength) return true;
  if (action.suppressGroup === null) return false;
  const [leg] = found.route.legs;
  const device = leg === undefined ? undefined : needed(host.interfaces).get(leg.interface);
  if (device === undefined) return undecided(`the group of interface ${leg?.interface ?? 'of a route'} was not reported`);
  return device.group === action.suppressGroup;
}

function matches(host: LinuxHost, rule: PolicyRule, query: RouteQuery): boolean {
  if (rule.problem !== null) return undecided(`the policy rule "${rule.text}" has ${rule.problem}, which is not modelled`);
  return selects(host, rule, query) !== rule.inverted;
}

/** What is not known is asked last: a rule that differs in anything else is not met whatever it is. */
function selects(host: LinuxHost, rule: PolicyRule, query: RouteQuery): boolean {
  if (rule.detached || rule.tos) return false;
  if (rule.iif !== null && rule.iif !== query.iif) return false;
  if (rule.oif !== null && rule.oif !== query.oif) return false;
  if (rule.mark !== null && ((rule.mark.value ^ query.mark) & rule.mark.mask) !== 0) return false;
  if (rule.from !== null && !containsAddress(rule.from, query.source)) return false;
  if (rule.to !== null && !containsAddress(rule.to, query.destination)) return false;
  if (rule.protocol !== null && rule.protocol !== query.protocol) return false;
  return selectsPorts(rule, query) && selectsUser(rule, query) && selectsVrf(host, rule, query);
}

function selectsPorts(rule: PolicyRule, { ports }: RouteQuery): boolean {
  if (rule.sourcePorts === null && rule.destinationPorts === null) return true;
  if (ports === 'none') return false;
  if (ports === 'not known') return undecided(`the policy rule "${rule.text}" asks for ports, and the packet has none`);
  return inRange(rule.sourcePorts, ports.source) && inRange(rule.destinationPorts, ports.destination);
}

function selectsUser(rule: PolicyRule, { user }: RouteQuery): boolean {
  if (rule.users === null || (rule.users.first === 0 && rule.users.last >= 0xffff_fffe)) return true;
  if (user === null) return undecided(`the policy rule "${rule.text}" asks for the user of the socket, who is not known`);
  return inRange(rule.users, user);
}

function inRange(range: { readonly first: number; readonly last: number } | null, value: number): boolean {
  return range === null || (value >= range.first && value <= range.last);
}

/** A rule for VRFs is met by packets of an interface that belongs to one. */
function selectsVrf(host: LinuxHost, rule: PolicyRule, query: RouteQuery): boolean {
  if (!rule.vrf) return true;
  const interfaces = needed(host.interfaces);
  for (const name of [query.iif, query.oif]) {
    const master = name === null ? undefined : interfaces.get(name)?.master;
    if (master === undefined || master === null) continue;
    const kind = interfaces.get(master)?.kind;
    if (kind === 'vrf' || kind === null || kind === undefined) {
      return undecided(`interface ${name ?? ''} may belong to the VRF ${master}, and VRFs are not modelled`);
    }
  }
  return false;
}
