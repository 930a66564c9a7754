import type { Address } from '../ip/address.ts';
import type { Packet } from './packet.ts';
import type { Step } from './result.ts';

/** Handling is what a machine did with a packet: its steps, and where the packet is then. */
export type Handling = { readonly steps: readonly Step[]; readonly outcome: Outcome };

export type Outcome =
  /** It is for this machine, which takes it. */
  | { readonly kind: 'local'; readonly packet: Packet }
  /** It leaves by an interface, towards a next hop on that segment. */
  | Out
  /** The last step drops it. */
  | { readonly kind: 'dropped' }
  /** The last step cannot be decided. */
  | { readonly kind: 'undetermined' };

/** `rule` is the policy rule that led to the route, in iproute2's words; null where none did. `session` is what a new flow leaves behind. */
export type Out = {
  readonly kind: 'out';
  readonly packet: Packet;
  readonly interface: string;
  readonly nextHop: Address;
  readonly rule: string | null;
  readonly session: Session | null;
};

/** Session is a connection-tracking entry that a machine made for the forward packet. The answer matches `reply`, and leaves as the answer to `original`. */
export type Session = { readonly original: Packet; readonly reply: Packet };
