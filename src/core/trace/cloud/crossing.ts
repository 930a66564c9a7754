import type { Address, AddressText } from '../../ip/address.ts';
import { equalAddress, formatAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { Session } from '../machine.ts';
import type { Packet } from '../packet.ts';
import type { Step } from '../result.ts';
import { step } from '../step.ts';
import type { StepResult } from '../words.ts';
import type { CloudState, NetworkCard, Subnet } from './cloud-state.ts';

/** Crossing is the question: a machine puts a packet onto a cloud's network; where does it come out? */
export type Crossing = {
  readonly packet: Packet;
  /** LAN address of the machine that sends it: by it the card is known. The packet's source may be another, where the machine forwards. */
  readonly sender: Address;
  /** LAN addresses of the network's connectors. What is for the WPC has to reach one of them. */
  readonly connectors: readonly Address[];
  /** What the VPC should send to them: the WPC's ranges and the prefixes of other sites. */
  readonly wanted: readonly PrefixText[];
  /** What filters remember, by keys that `remembered` of an earlier answer gave; empty for the first packet of a flow. */
  readonly memory: ReadonlyMap<string, Session>;
};

/** Delivery is the answer, in the places where the steps happen: at the sender's card, in the cloud, at the receiver's card. */
export type Delivery = {
  readonly sender: readonly Step[];
  readonly router: readonly Step[];
  readonly receiver: readonly Step[];
  /** The machine to whose card the cloud brings it, also where that card does not let it in; null where there is none. */
  readonly to: AddressText | null;
  readonly outcome: CloudOutcome;
};

export type CloudOutcome =
  /** The machine with this address has it on its network card. `remembered` is to be given back with the answer. */
  | { readonly kind: 'delivered'; readonly to: AddressText; readonly remembered: ReadonlyMap<string, Session> }
  /** It goes to the internet. */
  | { readonly kind: 'internet' }
  /** It goes into another network of the operator's, by peering, VPN or transit gateway; that network is not known here. */
  | { readonly kind: 'elsewhere'; readonly via: string }
  /** The last step drops it. */
  | { readonly kind: 'dropped' }
  /** The last step cannot be decided. */
  | { readonly kind: 'undetermined' };

/** End is one of the two machines of a crossing, as far as the cloud's state knows it. */
export type End = { readonly address: Address; readonly card: NetworkCard | undefined; readonly subnet: Subnet | undefined };

/** Asker is who asks a route table, and for what. */
export type Asker = { readonly state: CloudState; readonly crossing: Crossing; readonly sender: End };

export function isConnector({ connectors }: Crossing, address: Address): boolean {
  return connectors.some((connector) => equalAddress(connector, address));
}

/** cardKey is also how a card is called where none was read. */
export function cardKey({ card, address }: End): string {
  return card?.id ?? formatAddress(address);
}

/** isAnswer: the packet is what a remembered flow expects. */
export function isAnswer(session: Session | undefined, packet: Packet): boolean {
  if (session === undefined) return false;
  const { reply } = session;
  return (
    equalAddress(reply.source, packet.source) &&
    equalAddress(reply.destination, packet.destination) &&
    reply.protocol === packet.protocol &&
    reply.sourcePort === packet.sourcePort &&
    reply.destinationPort === packet.destinationPort
  );
}

/** cloudStep is a step with the evidence of the cloud's state: what the operator said is configuration, what a cloud said was observed. */
export function cloudStep(state: CloudState, ...[stage, result, detail, rest = {}]: Parameters<typeof step>): Step {
  const { from, at } = state.reading;
  return step(stage, result, detail, {
    ...(isAssumed(result) ? { evidence: 'assumed' } : from === 'statement' ? {} : { evidence: 'observed', observedAt: at }),
    ...rest,
  });
}

function isAssumed(result: StepResult): boolean {
  return result === 'assumed' || result === 'unknown';
}
