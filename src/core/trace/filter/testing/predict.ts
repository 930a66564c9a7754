import { formatAddress, tryParseAddress } from '../../../ip/address.ts';
import type { Address } from '../../../ip/address.ts';
import type { Packet } from '../../packet.ts';
import { answerTo } from '../../packet.ts';
import { evaluateHook } from '../evaluate-hook.ts';
import type { Effects, HookResult } from '../evaluate-hook.ts';
import type { Conntrack, FibAnswer, FibQuestion, HookContext } from '../hook-context.ts';
import type { Rules } from '../rules.ts';
import type { TestFlow } from './flow.ts';
import { routerLan, routerTun, routerWan } from './router-world.ts';

/** Prediction is what the model says of one flow through the router: null where it does not know, with the reason. */
export type Prediction = {
  readonly arrives: boolean | null;
  /** As the server sees it: `10.10.0.1:20000 10.20.0.1:80`; null where it does not arrive, or NAT is not to be known. */
  readonly seenAs: string | null;
  readonly answered: boolean | null;
  readonly why: string;
};

const own = new Set([routerTun, ...routerLan, ...routerWan]);
const segments = [
  ['10.10.0.', 'tun7'],
  ['10.20.0.', 'lan0'],
  ['10.30.0.', 'wan0'],
] as const;

function segmentOf(address: Address): string | null {
  const text = formatAddress(address);
  return segments.find(([start]) => text.startsWith(start))?.[1] ?? null;
}

/** The router's routes: three connected segments, no default. */
function fib({ address, interface: wanted }: FibQuestion): FibAnswer {
  const text = formatAddress(address);
  const type = own.has(text) ? 'local' : text.endsWith('.255') || text.endsWith('.0') ? 'broadcast' : 'unicast';
  const device = segmentOf(address);
  if (device === null) return { type: 'unspec', interface: null };
  return { type, interface: wanted !== null && wanted !== device ? null : device };
}

function ownAddress(device: string | null): Address | null {
  const text = device === 'lan0' ? routerLan[0] : device === 'wan0' ? routerWan[0] : device === 'tun7' ? routerTun : undefined;
  return text === undefined ? null : (tryParseAddress(text) ?? null);
}

function packetOf(flow: TestFlow): Packet {
  const source = tryParseAddress(flow.source);
  const destination = tryParseAddress(flow.destination);
  if (source === undefined || destination === undefined) throw new Error(`flow ${flow.id} has no addresses`);
  return {
    source,
    destination,
    protocol: flow.protocol,
    sourcePort: flow.sourcePort,
    destinationPort: flow.destinationPort,
    kind: flow.protocol === 'tcp' ? 'syn' : flow.protocol === 'udp' ? 'datagram' : 'echo-request',
    bytes: flow.protocol === 'tcp' ? 60 : flow.protocol === 'udp' ? 40 : 84,
    dontFragment: flow.protocol !== 'icmp',
    ttl: 64,
  };
}

type Passage =
  | {
      readonly kind: 'passed';
      readonly packet: Packet;
      readonly out: string;
      readonly tracked: boolean;
      readonly flowMark: number | null;
    }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown'; readonly why: string };

export function predict(rules: Rules, flow: TestFlow): Prediction {
  const packet = packetOf(flow);
  const there = passage(rules, packet, 'tun7', {
    ct: { state: 'new', direction: 'original', mark: 0, status: [], original: packet },
    mapping: null,
  });
  if (there.kind === 'unknown') return { arrives: null, seenAs: null, answered: null, why: there.why };
  if (there.kind === 'ended') return { arrives: false, seenAs: null, answered: false, why: '' };
  const { packet: arrived } = there;
  const seenAs = `${formatAddress(arrived.source)}:${String(arrived.sourcePort)} ${formatAddress(arrived.destination)}:${String(arrived.destinationPort)}`;
  const answer = answerTo(arrived);
  const back = formatAddress(answer.destination).startsWith('10.30.') ? 'wan0' : 'lan0';
  const here = passage(rules, answer, back, {
    ct: there.tracked
      ? { state: 'established', direction: 'reply', mark: there.flowMark, status: null, original: packet }
      : // Without a flow on record a datagram backwards begins one; answers of other protocols belong to nothing.
        { state: flow.protocol === 'udp' ? 'new' : 'invalid', direction: 'original', mark: 0, status: null, original: answer },
    mapping: there.tracked ? answerTo(packet) : null,
  });
  if (here.kind === 'unknown') return { arrives: true, seenAs, answered: null, why: here.why };
  // The worker's datagram sockets take an answer from anybody.
  if (here.kind === 'ended') return { arrives: true, seenAs, answered: false, why: '' };
  const answered = here.out === 'tun7' && reaches(here.packet, answerTo(packet));
  if (answered && flow.protocol === 'tcp' && !thirdPasses(rules, packet, arrived, here.flowMark)) {
    return {
      arrives: true,
      seenAs,
      answered: null,
      why: 'the third packet is refused: connect() may say so before it says that it is connected',
    };
  }
  return { arrives: true, seenAs, answered, why: '' };
}

/** A refusal of the client's ACK is a soft error of its socket, which getsockopt(SO_ERROR) reports all the same. */
function thirdPasses(rules: Rules, packet: Packet, arrived: Packet, mark: number | null): boolean {
  const third: Packet = { ...packet, kind: 'datagram', bytes: 52 };
  const ct: Conntrack = { state: 'established', direction: 'original', mark, status: null, original: packet };
  return passage(rules, third, 'tun7', { ct, mapping: arrived }).kind === 'passed';
}

function reaches(answer: Packet, wanted: Packet): boolean {
  const there = answer.destination.value === wanted.destination.value && answer.destinationPort === wanted.destinationPort;
  return (
    there &&
    (answer.protocol === 'udp' || (answer.source.value === wanted.source.value && answer.sourcePort === wanted.sourcePort))
  );
}

type Flow = { readonly ct: Conntrack; readonly mapping: Packet | null };

/** The way through the router: prerouting, its routes, forward, postrouting. */
function passage(rules: Rules, packet: Packet, iifname: string, { ct, mapping }: Flow): Passage {
  const common = { iifname, fib } as const;
  const mappedDestination =
    mapping === null ? null : { ...packet, destination: mapping.destination, destinationPort: mapping.destinationPort };
  const nat = natAccess(ct, mappedDestination);
  const first = step(rules, {
    ...common,
    hook: 'prerouting',
    packet,
    oifname: null,
    mark: 0,
    ct,
    nat,
    ownAddress: ownAddress(iifname),
  });
  if (first.kind !== 'on') return first;
  const oifname = segmentOf(first.packet.destination);
  if (oifname === null || own.has(formatAddress(first.packet.destination))) return { kind: 'ended' };
  const tracked = first.effects.tracked;
  const ctAfter: Conntrack = {
    ...ct,
    state: tracked ? ct.state : 'untracked',
    mark: first.effects.flowMark,
    status: ct.status === null ? null : [...ct.status, ...(first.effects.translation.kind === 'none' ? [] : (['dnat'] as const))],
  };
  const onward = { ...common, oifname, ownAddress: ownAddress(oifname) };
  const second = step(rules, {
    ...onward,
    hook: 'forward',
    packet: { ...first.packet, ttl: packet.ttl - 1 },
    mark: first.effects.mark,
    ct: ctAfter,
    nat: { kind: 'none' },
  });
  if (second.kind !== 'on') return second;
  const mapped = mapping === null ? null : { ...second.packet, source: mapping.source, sourcePort: mapping.sourcePort };
  const third = step(rules, {
    ...onward,
    hook: 'postrouting',
    packet: second.packet,
    mark: second.effects.mark,
    ct: { ...ctAfter, mark: second.effects.flowMark },
    nat: tracked ? natAccess(ct, mapped) : { kind: 'none' },
  });
  if (third.kind !== 'on') return third;
  return { kind: 'passed', packet: third.packet, out: oifname, tracked, flowMark: third.effects.flowMark };
}

function natAccess({ state }: Conntrack, mapped: Packet | null): HookContext['nat'] {
  return state === 'new' ? { kind: 'first' } : mapped === null ? { kind: 'none' } : { kind: 'mapped', packet: mapped };
}

type Step =
  | { readonly kind: 'on'; readonly packet: Packet; readonly effects: Effects }
  | Exclude<Passage, { readonly kind: 'passed' }>;

function step(rules: Rules, context: HookContext): Step {
  const result: HookResult = evaluateHook(rules, context);
  switch (result.verdict) {
    case 'drop':
    case 'reject':
      return { kind: 'ended' };
    case 'unknown':
      return { kind: 'unknown', why: `${context.hook}: ${result.why} (${result.by?.rule ?? ''})` };
    case 'accept': {
      const { packet } = result.effects;
      return packet === null ? { kind: 'unknown', why: `${context.hook}: NAT` } : { kind: 'on', packet, effects: result.effects };
    }
  }
}
