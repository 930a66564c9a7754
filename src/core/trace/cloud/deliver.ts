import type { AddressText } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Session } from '../machine.ts';
import { answerTo } from '../packet.ts';
import type { Step } from '../result.ts';
import { checkCard } from './card-check.ts';
import type { CloudState } from './cloud-state.ts';
import type { CloudOutcome, Crossing, Delivery, End } from './crossing.ts';
import { cardMemory, filterStep } from './filter-step.ts';
import { layersOf } from './layers.ts';
import { endAt, routePacket } from './route-step.ts';

/**
 * cloudDelivers follows a packet from the network card of the machine that sends it to that of the machine that gets it next. Clouds have no
 * router in between that could be asked: the route table of the sender's subnet is evaluated at the sender's card, and the packet goes
 * straight to the card that the route names (tracing.md, finding 4), so an answer needs no symmetry but that of the filters.
 *
 * Both ways are asked alike: there with `sender` the connector's LAN address, back with the server's. Where a step drops or cannot be
 * decided, it is the last one. What a part of the state is needed for and was not read gives `unknown`, or `assumed` where the vendor lets
 * everything pass that nobody forbade; it never gives a guess.
 */
export function cloudDelivers(state: CloudState, crossing: Crossing): Delivery {
  const sender = endAt(state, crossing.sender);
  const routed = routePacket({ state, crossing, sender });
  const receiver = routed.next.kind === 'machine' ? routed.next.end : undefined;
  const course = new CourseOfSteps();
  const session: Session = { original: crossing.packet, reply: answerTo(crossing.packet) };
  for (const end of receiver === undefined ? [sender] : [sender, receiver]) course.remembered.set(cardMemory(end), session);
  course.take('sender', checkCard(state, crossing, sender, 'out'));
  const between = receiver === undefined || !sameSubnet(sender, receiver);
  const out = layersOf(state, sender.card, sender.subnet, between).toReversed();
  for (const layer of out.filter(({ kind }) => kind.where === 'card')) {
    course.filter('sender', () => filterStep({ state, crossing, layer, end: sender, direction: 'out' }));
  }
  course.take('router', routed.step);
  for (const layer of out.filter(({ kind }) => kind.where === 'between-subnets')) {
    course.filter('router', () => filterStep({ state, crossing, layer, end: sender, direction: 'out' }));
  }
  if (receiver !== undefined) {
    const into = layersOf(state, receiver.card, receiver.subnet, between);
    for (const layer of into.filter(({ kind }) => kind.where === 'between-subnets')) {
      course.filter('router', () => filterStep({ state, crossing, layer, end: receiver, direction: 'in' }));
    }
    course.take('receiver', checkCard(state, crossing, receiver, 'in'));
    for (const layer of into.filter(({ kind }) => kind.where === 'card')) {
      course.filter('receiver', () => filterStep({ state, crossing, layer, end: receiver, direction: 'in' }));
    }
  }
  const { next } = routed;
  const to = receiver === undefined ? null : formatAddress(receiver.address);
  return course.delivery(
    to,
    next.kind === 'machine' ? { kind: 'delivered', to: formatAddress(next.end.address), remembered: course.remembered } : next,
  );
}

function sameSubnet(a: End, b: End): boolean {
  return a.subnet !== undefined && a.subnet === b.subnet;
}

type Part = 'sender' | 'router' | 'receiver';

/** CourseOfSteps collects steps until one ends the packet's way. */
class CourseOfSteps {
  readonly remembered = new Map<string, Session>();
  readonly #steps: Record<Part, Step[]> = { sender: [], router: [], receiver: [] };
  #ended: CloudOutcome | undefined;

  take(part: Part, step: Step): void {
    if (this.#ended !== undefined) return;
    this.#steps[part].push(step);
    if (step.result === 'drop') this.#ended = { kind: 'dropped' };
    if (step.result === 'unknown') this.#ended = { kind: 'undetermined' };
  }

  filter(part: Part, pass: () => ReturnType<typeof filterStep>): void {
    if (this.#ended !== undefined) return;
    const { step, remembered } = pass();
    this.take(part, step);
    for (const [key, session] of remembered) this.remembered.set(key, session);
  }

  delivery(to: AddressText | null, outcome: CloudOutcome): Delivery {
    return { ...this.#steps, to, outcome: this.#ended ?? outcome };
  }
}
