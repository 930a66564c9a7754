import type { HookContext } from './hook-context.ts';
import type { BaseChain, Hook, Rules } from './rules.ts';

/** Stop is one thing that happens at a hook, in the kernel's order. */
export type Stop =
  | { readonly kind: 'chain'; readonly base: BaseChain; readonly doubt: string | null }
  /** Connection tracking looks at the packet; `notrack` is too late from here on. */
  | { readonly kind: 'conntrack' }
  /** The packet of a known flow is changed as its first one was. */
  | { readonly kind: 'mapping' };

const conntrackPriority = -200;

/**
 * All NAT chains of a hook are called from one place of the kernel, whatever their own priority, which only orders them among themselves
 * (nf_nat_register_fn in net/netfilter/nf_nat_core.c; the integration test holds it).
 */
const natPriority: Readonly<Partial<Record<Hook, number>>> = { prerouting: -100, output: -100, input: 100, postrouting: 100 };

/** stopsOf are what this packet passes at its hook. Chains of equal priority: the one that was registered later comes first. */
export function stopsOf(rules: Rules, context: HookContext): readonly Stop[] {
  const { hook, nat } = context;
  const natAt = natPriority[hook];
  const placed: { readonly at: number; readonly among: number; readonly stop: Stop }[] = [];
  for (const base of rules.baseChains) {
    if (base.hook !== hook || !sees(base, context)) continue;
    const isNat = base.type === 'nat' && natAt !== undefined;
    if (isNat && nat.kind !== 'first') continue;
    const doubt = base.doubt ?? deviceDoubt(base);
    placed.push({ at: isNat ? natAt : base.priority, among: base.priority, stop: { kind: 'chain', base, doubt } });
  }
  placed.reverse();
  if (hook === 'prerouting' || hook === 'output')
    placed.unshift({ at: conntrackPriority, among: 0, stop: { kind: 'conntrack' } });
  if (nat.kind === 'mapped' && natAt !== undefined) placed.unshift({ at: natAt, among: 0, stop: { kind: 'mapping' } });
  return placed.sort((a, b) => a.at - b.at || a.among - b.among).map(({ stop }) => stop);
}

function sees({ table, devices }: BaseChain, { hook, packet, iifname, oifname }: HookContext): boolean {
  if (hook === 'ingress' || hook === 'egress') {
    const device = hook === 'ingress' ? iifname : oifname;
    return devices === null || (device !== null && devices.includes(device));
  }
  switch (table.family) {
    case 'inet':
      return true;
    case 'ip':
      return packet.source.family === 4;
    case 'ip6':
      return packet.source.family === 6;
    case 'netdev':
      return false;
  }
}

function deviceDoubt({ hook, devices }: BaseChain): string | null {
  return (hook === 'ingress' || hook === 'egress') && devices === null
    ? 'this version of nft does not print to which device it belongs'
    : null;
}
