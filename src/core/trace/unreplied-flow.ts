import type { ObservedMachine } from './input.ts';

/**
 * unrepliedFlow is the line of conntrack's list of a flow between two addresses that nobody has answered and that is tracked without NAT: its
 * answers are expected at the source itself (tracing.md 3). Undefined where the sample that the agent reported has none.
 */
export function unrepliedFlow(
  machine: ObservedMachine | undefined,
  source: string | null,
  destination: string | null,
): string | undefined {
  const lines = machine?.sections.get('conntrack')?.body.split('\n') ?? [];
  return lines
    .find((line) => {
      if (!line.includes('UNREPLIED') || !isLive(line)) return false;
      const [first] = / src=(\S+)/.exec(line)?.slice(1) ?? [];
      const [asked, answered] = [...line.matchAll(/ dst=(\S+)/g)].map((match) => match[1]);
      return (
        first !== undefined &&
        first === answered &&
        (source === null || first === source) &&
        (destination === null || asked === destination)
      );
    })
    ?.trim()
    .slice(0, 200);
}

/** nf_conntrack's timeouts of flows without an answer, in seconds (nf_conntrack-sysctl). */
const timeouts: Readonly<Record<string, number>> = { icmp: 30, udp: 30, tcp: 120 };

/** Sent again within these last seconds: what was tried once and given up is no flow that goes on failing. */
const lately_s = 3;

/** isLive reads `PROTOCOL NUMBER SECONDS-LEFT …`. */
function isLive(line: string): boolean {
  const [, protocol = '', left = ''] = /^(\w+)\s+\d+\s+(\d+)\s/.exec(line) ?? [];
  const timeout = timeouts[protocol];
  return timeout !== undefined && Number(left) >= timeout - lately_s;
}
