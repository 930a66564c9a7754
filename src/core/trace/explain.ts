import type { NodeRef } from './node.ts';
import { tutorialTexts } from './tutorial-texts.ts';
import type { Direction, StepResult } from './words.ts';

/** TracedPacket and TracedHops are PacketView and Hop as JSON has them too, so that whoever has read a check over the API can explain it. */
type TracedPacket = {
  readonly protocol: string;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
};
type TracedHops = readonly {
  readonly node: NodeRef;
  readonly steps: readonly { readonly result: StepResult; readonly detail: string; readonly packet: TracedPacket | null }[];
  readonly tutorial: readonly string[];
}[];

/** ExplainedHop is one machine of a walk-through: the packet as it comes and as it goes, what was decided, and what the tutorial says of it. */
export type ExplainedHop = {
  /** From 1, through both directions. */
  readonly number: number;
  readonly direction: Direction;
  readonly node: NodeRef;
  readonly arrives: TracedPacket;
  /** Null where it ends here. */
  readonly leaves: TracedPacket | null;
  /** What NAT did here, in words; null where nothing changed. */
  readonly change: string | null;
  readonly decisions: readonly string[];
  readonly tutorial: readonly { readonly step: string; readonly text: string }[];
};

/** explain tells a check packet by packet (design.md 8): data for a drawing, and what explainText writes. Pure. */
export function explain({
  forward,
  reverse,
}: {
  readonly forward: { readonly hops: TracedHops };
  readonly reverse: { readonly hops: TracedHops } | null;
}): readonly ExplainedHop[] {
  // The machine that makes a packet says so in its first step; what comes from the internet is the answer to what went there.
  const made = (hops: TracedHops, otherwise: TracedPacket) => hops[0]?.steps[0]?.packet ?? otherwise;
  const nothing: TracedPacket = { protocol: '', source: '', sourcePort: null, destination: '', destinationPort: null };
  const there = explainHops('forward', forward.hops, made(forward.hops, nothing), 1);
  const answer = answerTo(there.at(-1)?.arrives ?? nothing);
  const back = reverse === null ? [] : explainHops('reverse', reverse.hops, made(reverse.hops, answer), there.length + 1);
  return [...there, ...back];
}

function answerTo({ protocol, source, sourcePort, destination, destinationPort }: TracedPacket): TracedPacket {
  return { protocol, source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
}

function explainHops(direction: Direction, hops: TracedHops, made: TracedPacket, from: number): readonly ExplainedHop[] {
  const explained: ExplainedHop[] = [];
  let packet = made;
  for (const [index, { node, steps, tutorial }] of hops.entries()) {
    const arrives = packet;
    const changes = steps.filter(({ result }) => result === 'change');
    packet = changes.at(-1)?.packet ?? packet;
    explained.push({
      number: from + index,
      direction,
      node,
      arrives,
      leaves: index === hops.length - 1 ? null : packet,
      change: changes.length === 0 ? null : changes.map(({ detail }) => detail).join('; '),
      decisions: steps.filter(({ result }) => result !== 'change').map(({ detail }) => detail),
      tutorial: tutorial.flatMap((step) => {
        const text = tutorialTexts[step];
        return text === undefined ? [] : [{ step, text }];
      }),
    });
  }
  return explained;
}

/** explainText is a walk-through for people who read: one paragraph for each machine. Names are the operator's words: escape before printing. */
export function explainText(hops: readonly ExplainedHop[]): string {
  const paragraphs = hops.map(({ number, direction, node, arrives, leaves, change, decisions, tutorial }) =>
    [
      `${String(number)}. ${direction === 'forward' ? '' : 'back: '}${node.kind} ${node.label}`,
      `   packet ${packetText(arrives)}${leaves === null || change === null ? '' : `, leaves as ${packetText(leaves)}`}`,
      ...(change === null ? [] : [`   NAT: ${change}`]),
      ...decisions.map((decision) => `   - ${decision}`),
      ...tutorial.map(({ step, text }) => `   ${step}: ${text}`),
    ].join('\n'),
  );
  return `${paragraphs.join('\n\n')}\n`;
}

/** packetText is `tcp 100.96.16.1:49152 > 10.0.0.20:443`. */

export function packetText({ protocol, source, sourcePort, destination, destinationPort }: TracedPacket): string {
  return `${protocol} ${endText(source, sourcePort)} > ${endText(destination, destinationPort)}`;
}

function endText(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}
