import { formatAddress } from '../ip/address.ts';
import type { ObservedMachine } from './input.ts';
import type { Packet } from './packet.ts';

/**
 * unrepliedFlow is the line of conntrack's list of a flow that nobody has answered and that is tracked without NAT: its answers are expected at
 * the source itself (tracing.md 3). Of a packet only flows of its protocol between its two addresses count; null: any. Undefined where the
 * sample that the agent reported has none.
 */
export function unrepliedFlow(machine: ObservedMachine | undefined, packet: Packet | null): string | undefined {
  const lines = machine?.sections.get('conntrack')?.body.split('\n') ?? [];
  return lines
    .find((line) => {
      const protocol = liveProtocol(line);
      if (protocol === undefined || !line.includes('UNREPLIED')) return false;
      const [first] = / src=(\S+)/.exec(line)?.slice(1) ?? [];
      const [asked, answered] = [...line.matchAll(/ dst=(\S+)/g)].map((match) => match[1]);
      if (first === undefined || first !== answered) return false;
      if (packet === null) return true;
      return (
        protocol === packet.protocol && first === formatAddress(packet.source) && asked === formatAddress(packet.destination)
      );
    })
    ?.trim()
    .slice(0, 200);
}

/**
 * nf_conntrack's timeouts of flows without an answer, in seconds (nf_conntrack-sysctl). TCP is left out: an attempt that waits for its answer ends
 * by itself, the next one is a flow of its own, and one that was given up just before NAT was there looks the same.
 */
const timeouts: Readonly<Record<string, number>> = { icmp: 30, udp: 30 };

/** Sent again within these last seconds: what was tried once and given up is no flow that goes on failing. */
const lately_s = 3;

/** liveProtocol reads `PROTOCOL NUMBER SECONDS-LEFT …`. */
function liveProtocol(line: string): string | undefined {
  const [, protocol = '', left = ''] = /^(\w+)\s+\d+\s+(\d+)\s/.exec(line) ?? [];
  const timeout = timeouts[protocol];
  return timeout !== undefined && Number(left) >= timeout - lately_s ? protocol : undefined;
}
