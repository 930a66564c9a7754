import type { Address } from '../../ip/address.ts';
import type { HookContext } from './hook-context.ts';
import type { Decider } from './decider.ts';
import type { NatKind } from './rules.ts';

/** Translation is what NAT does to a packet at one hook. Null: changed to something that the rules alone do not tell. */
export type Translation = {
  readonly kind: NatKind;
  readonly of: 'source' | 'destination';
  readonly address: Address | null;
  readonly port: number | null;
  /** Masquerade and redirect take an address of the machine's own, by its routes; `several`: the kernel takes one of a range. */
  readonly chosenBy: 'rule' | 'machine' | 'several' | 'unknown';
  readonly by: Decider;
};

/** PacketState is what changes about a packet while it passes a hook. Null: not known any more. */
export type PacketState = {
  readonly source: Address | null;
  readonly sourcePort: number | null;
  readonly destination: Address | null;
  readonly destinationPort: number | null;
  readonly mark: number | null;
  readonly flowMark: number | null;
  /** `before`: conntrack has not seen the packet yet. */
  readonly tracking: 'before' | 'tracked' | 'untracked';
  readonly translation: Translation | null;
  readonly clampMss: number | 'route' | null;
};

export function stateAtEntry({ hook, packet, mark, ct }: HookContext): PacketState {
  const beforeConntrack = hook === 'prerouting' || hook === 'output' || hook === 'ingress';
  return {
    source: packet.source,
    sourcePort: packet.sourcePort,
    destination: packet.destination,
    destinationPort: packet.destinationPort,
    mark,
    flowMark: ct.mark,
    tracking: beforeConntrack ? 'before' : ct.state === 'untracked' ? 'untracked' : 'tracked',
    translation: null,
    clampMss: null,
  };
}

/** stateKey is equal for equal states. */
export function stateKey(state: PacketState): string {
  const { source, sourcePort, destination, destinationPort, mark, flowMark, tracking, translation, clampMss } = state;
  const parts = [
    source?.value,
    sourcePort,
    destination?.value,
    destinationPort,
    mark,
    flowMark,
    tracking,
    translation?.kind,
    clampMss,
  ];
  return parts.map(String).join(' ');
}
