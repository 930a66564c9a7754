import type { NodeRef } from './node.ts';
import type { PacketView } from './packet.ts';
import { flowPacket } from './flow-packet.ts';
import { answerTo, viewOf } from './packet.ts';
import type { FlowCheck, Hop } from './result.ts';
import { tutorialTexts } from './tutorial-texts.ts';
import type { Direction } from './words.ts';

/** ExplainedHop is one machine of a walk-through: the packet as it comes and as it goes, what was decided, and what the tutorial says of it. */
export type ExplainedHop = {
  /** From 1, through both directions. */
  readonly number: number;
  readonly direction: Direction;
  readonly node: NodeRef;
  readonly arrives: PacketView;
  /** Null where it ends here. */
  readonly leaves: PacketView | null;
  /** What NAT did here, in words; null where nothing changed. */
  readonly change: string | null;
  readonly decisions: readonly string[];
  readonly tutorial: readonly { readonly step: string; readonly text: string }[];
};

/** explain tells a check packet by packet (design.md 8): data for a drawing, and what explainText writes. Pure. */
export function explain(check: FlowCheck): readonly ExplainedHop[] {
  const { request, forward, reverse } = check;
  const first = flowPacket({
    ...request,
    source: { object: request.source, address: request.sourceAddress },
    destination: { object: request.destination, address: request.destinationAddress },
  });
  const there = explainHops('forward', forward.hops, viewOf(first), 1);
  const arrived = there.at(-1)?.arrives ?? viewOf(first);
  const answer = swapped(arrived, viewOf(answerTo(first)));
  return [...there, ...(reverse === null ? [] : explainHops('reverse', reverse.hops, answer, there.length + 1))];
}

/** The answer to the packet as it arrived, which NAT may have changed on its way. */
function swapped(arrived: PacketView, shape: PacketView): PacketView {
  return {
    ...shape,
    source: arrived.destination,
    sourcePort: arrived.destinationPort,
    destination: arrived.source,
    destinationPort: arrived.sourcePort,
  };
}

function explainHops(direction: Direction, hops: readonly Hop[], made: PacketView, from: number): readonly ExplainedHop[] {
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

export function packetText({ protocol, source, sourcePort, destination, destinationPort }: PacketView): string {
  return `${protocol} ${endText(source, sourcePort)} > ${endText(destination, destinationPort)}`;
}

function endText(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}
