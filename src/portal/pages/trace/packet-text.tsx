import type { ExplainedHop } from '../../../core/trace/explain.ts';
import classes from './drawing.module.css';

type TracedPacket = ExplainedHop['arrives'];

/** PacketText is the packet's addresses as it goes on; what differs from `before` stands out. */
export function PacketText({ packet, before }: { readonly packet: TracedPacket; readonly before: TracedPacket }) {
  return (
    <span className={classes.packet}>
      <Part text={packet.source} isChanged={packet.source !== before.source} />
      <span aria-hidden="true"> → </span>
      <Part
        text={`${packet.destination}${packet.destinationPort === null ? '' : `:${String(packet.destinationPort)}`}`}
        isChanged={packet.destination !== before.destination}
      />
    </span>
  );
}

function Part({ text, isChanged }: { readonly text: string; readonly isChanged: boolean }) {
  return isChanged ? <mark className={classes.changed}>{text}</mark> : <span>{text}</span>;
}
