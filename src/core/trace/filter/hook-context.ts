import type { Address } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import type { Hook } from './rules.ts';

/** HookContext is what a hook sees: the packet as it comes there, and what the machine knows about it. */
export type HookContext = {
  readonly hook: Hook;
  readonly packet: Packet;
  /** Null where there is none: the packet was made here, or its way out is not chosen yet. */
  readonly iifname: string | null;
  readonly oifname: string | null;
  /** The packet's mark; null: not known. 0 where nothing has set it. */
  readonly mark: number | null;
  readonly ct: Conntrack;
  readonly nat: NatAccess;
  /** The address that masquerade would choose (prerouting's redirect: of the interface by which the packet came); null: not known. */
  readonly ownAddress: Address | null;
  /** What the machine's routing says; null: nobody can be asked. */
  readonly fib: FibLookup | null;
};

export type Conntrack = {
  /** Of the packet once conntrack has seen it; before that (raw) every packet counts as invalid. */
  readonly state: 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  readonly direction: 'original' | 'reply';
  /** Mark of the flow; null: not known. */
  readonly mark: number | null;
  /** Null: not known. What this hook itself changes is added. */
  readonly status: readonly CtStatus[] | null;
  /** The flow's first packet as it came, before any NAT; null: not known. */
  readonly original: Packet | null;
};
export type CtStatus = 'expected' | 'seen-reply' | 'assured' | 'confirmed' | 'snat' | 'dnat' | 'dying';

/** NAT chains see the first packet of a flow only; later ones are changed as it was, at the same place. */
export type NatAccess =
  | { readonly kind: 'first' }
  | { readonly kind: 'mapped'; readonly packet: Packet }
  | { readonly kind: 'none' };

export type FibQuestion = {
  /** The address that is looked up. */
  readonly address: Address;
  readonly destination: Address;
  /** Only routes by this interface count; null: any. */
  readonly interface: string | null;
  readonly mark: number | null;
};
export type FibAnswer = {
  /** `local`, `unicast`, `broadcast`, `multicast`, `blackhole`, `unreachable`, `prohibit`, or `unspec` where there is no route. */
  readonly type: string;
  /** Null where there is no route. */
  readonly interface: string | null;
};
/** Gives null where it is not known. */
export type FibLookup = (question: FibQuestion) => FibAnswer | null;
