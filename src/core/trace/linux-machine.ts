import type { Address } from '../ip/address.ts';
import type { Rules } from './filter/rules.ts';
import { readRules } from './filter/read-rules.ts';
import type { ObservedMachine } from './input.ts';
import { decideNeighbour } from './linux/decide-exit.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { readLinuxHost } from './linux/linux-host.ts';
import type { Question } from './linux-walk.ts';
import { walkMachine } from './linux-walk.ts';
import type { Handling } from './machine.ts';

/** LinuxMachine is the machine of a connector as its agent reported it: addresses, routes and settings, and its packet filters. */
export type LinuxMachine = {
  readonly host: LinuxHost;
  readonly rules: Rules;
  /** The evidence of what it is: its last report. */
  readonly seen: { readonly evidence: 'observed'; readonly observedAt: string | null };
  /** The interface of its tunnel. */
  readonly tunnel: string;
  /** The interface of its default route; null where it has none or did not say. */
  readonly uplink: string | null;
  readonly isTunnel: (device: string) => boolean;
  readonly neighbour: (
    device: string,
    nextHop: Address,
  ) => { readonly kind: 'failed'; readonly quote: string } | { readonly kind: 'other' };
  readonly handle: (question: Question) => Handling;
};

/** Devices of our agents (connector/agent/paths.sh): the one in use, and the other while a hand-over lasts. */
export function isTunnelDevice(device: string): boolean {
  return /^causeway\d$/.test(device);
}

export function linuxMachine(machine: ObservedMachine): LinuxMachine {
  const host = readLinuxHost(machine);
  const rules = readRules(ruleTexts(machine));
  return {
    host,
    rules,
    seen: { evidence: 'observed', observedAt: machine.sections.get('route')?.observedAt ?? null },
    tunnel: tunnelOf(machine),
    uplink: uplinkOf(host),
    isTunnel: isTunnelDevice,
    neighbour: (device, nextHop) => {
      const decided = decideNeighbour(host, { interface: device, nextHop, gateway: null, mtu: null });
      return decided.kind === 'no-answer' ? { kind: 'failed', quote: decided.quote.text } : { kind: 'other' };
    },
    handle: (question) => walkMachine(host, rules, question),
  };
}

/** Each tool's own listing, as far as it was reported. */
const ruleSections = {
  nft: 'nft',
  iptablesLegacy: 'iptables-legacy',
  ip6tablesLegacy: 'ip6tables-legacy',
  iptablesNft: 'iptables-nft',
  ip6tablesNft: 'ip6tables-nft',
} as const satisfies Record<keyof Parameters<typeof readRules>[0], string>;

function ruleTexts({ sections }: ObservedMachine): Parameters<typeof readRules>[0] {
  return Object.fromEntries(
    Object.entries(ruleSections).flatMap(([name, section]) => {
      const body = sections.get(section)?.body;
      return body === undefined ? [] : [[name, body]];
    }),
  );
}

function tunnelOf(machine: ObservedMachine): string {
  const said = /^device=(causeway\d)$/m.exec(machine.sections.get('tunnel')?.body ?? '')?.[1];
  return said ?? 'causeway0';
}

function uplinkOf(host: LinuxHost): string | null {
  if (!host.routes[4].known) return null;
  const defaults = host.routes[4].value.routes.filter(({ prefix, table }) => prefix.length === 0 && table === 'main');
  return defaults[0]?.legs[0]?.interface ?? null;
}
