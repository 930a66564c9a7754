import type { AddressText } from '../ip/address.ts';
import type { ObservedMachine } from './input.ts';

/** NeighbourChange is an address of the LAN that has got another link address: another machine answers for it now. */
export type NeighbourChange = {
  readonly before: string;
  readonly now: string;
  readonly quote: string;
  readonly observedAt: string;
};

/** neighbourChange is what the agent has seen in the last ten minutes (connector/agent/observe.sh); undefined where it has seen none. */
export function neighbourChange(machine: ObservedMachine | undefined, address: AddressText): NeighbourChange | undefined {
  const section = machine?.sections.get('neighbour-changes');
  for (const line of section?.body.split('\n') ?? []) {
    const [, who, device, before, now] = /^(\S+) (\S+) ([0-9a-f:]+) ([0-9a-f:]+) \d+$/.exec(line) ?? [];
    if (who !== address || device === undefined || before === undefined || now === undefined || section === undefined) continue;
    return { before, now, quote: `${address} dev ${device} lladdr ${before}, then ${now}`, observedAt: section.observedAt };
  }
  return undefined;
}
