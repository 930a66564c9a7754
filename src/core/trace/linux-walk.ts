import type { Address } from '../ip/address.ts';
import { equalAddress, formatAddress } from '../ip/address.ts';
import { containsAddress, prefixOf } from '../ip/prefix.ts';
import type { Cause, Facts } from './cause.ts';
import type { Decider } from './filter/decider.ts';
import type { HookResult } from './filter/evaluate-hook.ts';
import { evaluateHook } from './filter/evaluate-hook.ts';
import type { Conntrack, FibLookup, HookContext, NatAccess } from './filter/hook-context.ts';
import type { Hook, Rules } from './filter/rules.ts';
import { fibLookup } from './fib-lookup.ts';
import type { FindingCode } from './finding-code.ts';
import { decideInput } from './linux/decide-input.ts';
import { decideMtu, ttlExpires } from './linux/decide-exit.ts';
import { decideOutput } from './linux/decide-output.ts';
import type { Drop, Forward, FoundRoute, Ways } from './linux/decision.ts';
import { dropReasons } from './linux/decision.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { changeText, lowerFirst, meaning, observed, placeOf, ruleFacts } from './linux-words.ts';
import type { Handling, Session } from './machine.ts';
import type { Packet } from './packet.ts';
import { answerTo } from './packet.ts';
import type { Step } from './result.ts';
import { step } from './step.ts';
import type { Direction, Stage } from './words.ts';

/** Question is one packet at a machine. `iif` null: the machine sends it. `session`: what it remembers of the forward packet. */
export type Question = {
  readonly packet: Packet;
  readonly iif: string | null;
  readonly session: Session | null;
  readonly direction: Direction;
  /** Whom the machine's own decisions are laid at. */
  readonly blame: Pick<Cause, 'object' | 'facts'>;
};

/**
 * walkMachine is the packet's way through one Linux machine (tracing.md 2.1): prerouting, the input decision, and then either input, or TTL and
 * MTU, forward and postrouting. NAT is decided with the first packet of a flow; an answer is put back as its session says. Never throws.
 */
export function walkMachine(host: LinuxHost, rules: Rules, question: Question): Handling {
  return new MachineWalk(host, rules, question).handle();
}

/** Of IPv4 and TCP without options, which a segment does not count. */
const tcpHeaders = 40;

const ended = { kind: 'dropped' } as const;
const open = { kind: 'undetermined' } as const;

class MachineWalk {
  readonly #host: LinuxHost;
  readonly #rules: Rules;
  readonly #question: Question;
  readonly #steps: Step[] = [];
  #packet: Packet;
  #mark: number | null = 0;
  #flowMark: number | null = 0;
  #clampMss: number | 'route' | null = null;

  constructor(host: LinuxHost, rules: Rules, question: Question) {
    this.#host = host;
    this.#rules = rules;
    this.#question = question;
    this.#packet = question.packet;
  }

  handle(): Handling {
    return this.#question.iif === null ? this.#send() : this.#receive(this.#question.iif);
  }

  #receive(iif: string): Handling {
    const hooked = this.#hook('prerouting', iif, null, null);
    if (hooked !== undefined) return hooked;
    const decision = decideInput(this.#host, { packet: this.#packet, iif, mark: this.#mark ?? 0 });
    switch (decision.kind) {
      case 'unknown':
        return this.#undecided('route', decision.reason);
      case 'drop':
        return this.#dropped(decision, iif);
      case 'local': {
        this.#pass(
          'local-accept',
          `${formatAddress(this.#packet.destination)} is its own address`,
          decision.route?.route ?? null,
        );
        return this.#hook('input', iif, null, null) ?? this.#done({ kind: 'local', packet: this.#packet });
      }
      case 'forward':
        return this.#forward(iif, decision);
    }
  }

  #forward(iif: string, { source, forwarding, route, ways }: Forward): Handling {
    const { filter, reverse, leavesElsewhere } = source;
    const how = filter === null ? 'its source is accepted' : `its source is accepted (rp_filter ${filter.mode})`;
    const elsewhere = leavesElsewhere ? ', although the way back leaves by another interface' : '';
    this.#pass('source-check', `${how}${elsewhere}`, reverse?.route ?? null);
    const text = `${forwarding.path} = ${String(forwarding.value)}`;
    this.#pass('forwarding', `it forwards what comes by ${iif}`, { text, observedAt: forwarding.observedAt });
    const way = this.#route(route, ways);
    if (way === undefined) return this.#undecided('route', `which next hop of "${route.route.text}" it takes is not known`);
    if (ttlExpires(this.#packet)) return this.#drop(step('route', 'drop', 'its TTL has run out: it goes in a circle', {}));
    // The size of a TCP flow's packets is agreed upon by its first one, which rules of the forward hook may still change.
    const isAgreed = this.#packet.protocol === 'tcp';
    const early = isAgreed ? undefined : this.#tooBig(way);
    if (early !== undefined) return early;
    this.#packet = { ...this.#packet, ttl: this.#packet.ttl - 1 };
    const hooked = this.#hook('forward', iif, way.interface, null);
    if (hooked !== undefined) return hooked;
    this.#clamp(way);
    return (isAgreed ? this.#tooBig(way) : undefined) ?? this.#leave(iif, way, route);
  }

  /** Undefined where it fits, or is cut in pieces. */
  #tooBig(way: Ways[0]): Handling | undefined {
    const mtu = decideMtu(this.#host, this.#packet, way);
    if (mtu.kind === 'unknown') return this.#undecided('mtu', mtu.reason);
    if (mtu.kind === 'too-big') {
      return this.#drop(
        step(
          'mtu',
          'drop',
          `${String(this.#packet.bytes)} bytes do not fit ${way.interface} (${String(mtu.mtu)}) and may not be cut`,
          {
            ...observed(mtu.quote),
            cause: this.#cause('MTU-BLACKHOLE', { mtu: mtu.mtu, bytes: this.#packet.bytes, interface: way.interface }),
          },
        ),
      );
    }
    return undefined;
  }

  #clamp({ mtu, interface: device }: Ways[0]): void {
    if (this.#clampMss === null || this.#packet.protocol !== 'tcp') return;
    const link = this.#host.interfaces.known ? this.#host.interfaces.value.get(device)?.mtu : undefined;
    const most = this.#clampMss === 'route' ? (mtu ?? link) : this.#clampMss + tcpHeaders;
    if (most === undefined || this.#packet.bytes <= most) return;
    this.#packet = { ...this.#packet, bytes: most };
    this.#pass('mtu', `a rule has both sides send no more than ${String(most)} bytes in a packet`, null);
  }

  #send(): Handling {
    const decision = decideOutput(this.#host, { packet: this.#packet, oif: null, mark: 0, user: 0 });
    const stage = this.#question.direction === 'reverse' ? 'reply-originate' : 'originate';
    this.#steps.push(step(stage, 'pass', `it sends from ${formatAddress(this.#packet.source)}`, { packet: this.#packet }));
    switch (decision.kind) {
      case 'unknown':
        return this.#undecided('route', decision.reason);
      case 'drop':
        return this.#dropped(decision, null);
      case 'local':
        return this.#done({ kind: 'local', packet: this.#packet });
      case 'send': {
        const way = this.#route(decision.route, decision.ways);
        if (way === undefined) return this.#undecided('route', 'which of several next hops it takes is not known');
        return this.#hook('output', null, way.interface, null) ?? this.#leave(null, way, decision.route);
      }
    }
  }

  /** The way, where there is only one, or all lead to the same machine. */
  #route(route: FoundRoute | null, ways: Ways): Ways[0] | undefined {
    const [first] = ways;
    if (ways.some((way) => way.interface !== first.interface || !equalAddress(way.nextHop, first.nextHop))) return undefined;
    const via = first.gateway === null ? '' : ` via ${formatAddress(first.gateway)}`;
    this.#pass('route', `it goes out by ${first.interface}${via}`, route?.route ?? null);
    return first;
  }

  #leave(iif: string | null, way: Ways[0], route: FoundRoute | null): Handling {
    const before = this.#packet;
    const own = route?.preferredSource ?? this.#primaryAddress(way);
    const hooked = this.#hook('postrouting', iif, way.interface, own);
    if (hooked !== undefined) return hooked;
    const session =
      this.#question.session === null && this.#question.direction === 'forward'
        ? { original: this.#question.packet, reply: answerTo(this.#packet) }
        : null;
    if (session !== null && !equalAddress(before.source, this.#packet.source)) {
      const back = formatAddress(this.#packet.source);
      this.#steps.push(
        step(
          'session',
          'pass',
          `it remembers the flow: answers to ${back} are for ${formatAddress(before.source)}`,
          this.#seen(),
        ),
      );
    }
    return this.#done({
      kind: 'out',
      packet: this.#packet,
      interface: way.interface,
      nextHop: way.nextHop,
      rule: route?.rule.text ?? null,
      session,
    });
  }

  /** What masquerade takes: the address of the interface that lies in the next hop's subnet, else its first. */
  #primaryAddress({ interface: device, nextHop }: Ways[0]): Address | null {
    const { interfaces } = this.#host;
    if (!interfaces.known) return null;
    const own = (interfaces.value.get(device)?.addresses ?? []).filter(
      ({ address, secondary }) => address.family === nextHop.family && !secondary,
    );
    return (own.find(({ address, length }) => containsAddress(prefixOf(address, length), nextHop)) ?? own[0])?.address ?? null;
  }

  /** Runs one hook; undefined where the packet goes on. */
  #hook(hook: Hook, iifname: string | null, oifname: string | null, own: Address | null): Handling | undefined {
    const context: HookContext = {
      hook,
      packet: this.#packet,
      iifname,
      oifname,
      mark: this.#mark,
      ct: this.#conntrack(),
      nat: this.#natAccess(hook),
      ownAddress: own,
      fib: this.#fib(),
    };
    const result = evaluateHook(this.#rules, context);
    if (result.verdict === 'unknown') return this.#undecided('host-filter', result.why, result.by);
    if (result.verdict !== 'accept') return this.#filtered(hook, result);
    const last = result.passed.findLast(({ baseChain, owner }) => baseChain !== '' && owner !== 'causeway-connector');
    if (hook === 'forward' || hook === 'input') {
      const chains = result.passed.length;
      const what =
        chains === 0
          ? `no rule looks at it (${hook})`
          : `${String(chains)} ${chains === 1 ? 'chain lets' : 'chains let'} it pass (${hook})`;
      this.#steps.push(step('host-filter', 'pass', what, { ...this.#seen(), quote: last === undefined ? null : placeOf(last) }));
    }
    this.#mark = result.effects.mark;
    this.#flowMark = result.effects.flowMark;
    this.#clampMss = result.effects.clampMss ?? this.#clampMss;
    return this.#translated(result, hook, iifname, oifname);
  }

  #translated(
    result: Extract<HookResult, { verdict: 'accept' }>,
    hook: Hook,
    iif: string | null,
    oif: string | null,
  ): Handling | undefined {
    const { packet, translation } = result.effects;
    if (packet === null) return this.#undecided('nat', 'a NAT rule chooses an address that the rules alone do not tell');
    const isSame =
      equalAddress(packet.source, this.#packet.source) &&
      equalAddress(packet.destination, this.#packet.destination) &&
      packet.sourcePort === this.#packet.sourcePort &&
      packet.destinationPort === this.#packet.destinationPort;
    if (isSame) return undefined;
    const by = 'by' in translation ? translation.by : null;
    const detail = changeText(this.#packet, packet, this.#question.session !== null);
    const intoTunnel = hook === 'postrouting' && by !== null && oif !== null && /^causeway\d$/.test(oif) && iif !== oif;
    this.#packet = packet;
    this.#steps.push(
      step('nat', 'change', detail, {
        ...this.#seen(),
        quote: by === null ? null : placeOf(by),
        packet,
        ...(intoTunnel ? { cause: this.#cause('NAT-TOO-WIDE', ruleFacts(by)) } : {}),
      }),
    );
    return undefined;
  }

  #filtered(hook: Hook, result: Extract<HookResult, { verdict: 'drop' | 'reject' }>): Handling {
    const { by } = result;
    const code: FindingCode = hook === 'input' ? 'HFW-INPUT' : by.source === 'legacy' ? 'HFW-LEGACY' : 'HFW-FORWARD-DROP';
    const how = result.verdict === 'reject' ? `rejects it (${result.with})` : 'drops it';
    const whose = by.owner === null ? '' : `, of ${by.owner}`;
    return this.#drop(
      step('host-filter', 'drop', `chain ${by.chain} of table ${by.family} ${by.table}${whose} ${how}`, {
        ...this.#seen(),
        quote: placeOf(by),
        cause: this.#cause(code, ruleFacts(by)),
      }),
    );
  }

  #dropped({ reason, quote, sysctl }: Drop, iif: string | null): Handling {
    const { stage, code } = meaning[reason];
    const said =
      quote ?? (sysctl === null ? null : { text: `${sysctl.path} = ${String(sysctl.value)}`, observedAt: sysctl.observedAt });
    const facts = {
      ...(iif === null ? {} : { interface: iif }),
      ...(sysctl === null ? {} : { sysctl: sysctl.path, value: String(sysctl.value) }),
    };
    return this.#drop(
      step(stage, 'drop', lowerFirst(dropReasons[reason]), {
        ...(said === null ? this.#seen() : observed(said)),
        ...(code === null ? {} : { cause: this.#cause(code, facts) }),
      }),
    );
  }

  #conntrack(): Conntrack {
    const { session, direction } = this.#question;
    if (session !== null) {
      return {
        state: 'established',
        direction: 'reply',
        mark: this.#flowMark,
        status: ['seen-reply', 'confirmed'],
        original: session.original,
      };
    }
    // The answer to what this machine never saw: conntrack takes up no flow in its middle by a SYN-ACK or an echo reply.
    const isStray = direction === 'reverse' && this.#question.packet.protocol !== 'udp' && this.#question.iif !== null;
    return {
      state: isStray ? 'invalid' : 'new',
      direction: 'original',
      mark: this.#flowMark,
      status: [],
      original: this.#question.packet,
    };
  }

  #natAccess(hook: Hook): NatAccess {
    const { session } = this.#question;
    if (session === null) return this.#conntrack().state === 'invalid' ? { kind: 'none' } : { kind: 'first' };
    const { original } = session;
    // Answers: the destination is put back before routing, the source after it.
    if (hook === 'prerouting' || hook === 'output') {
      return { kind: 'mapped', packet: { ...this.#packet, destination: original.source, destinationPort: original.sourcePort } };
    }
    if (hook === 'postrouting') {
      return { kind: 'mapped', packet: { ...this.#packet, source: original.destination, sourcePort: original.destinationPort } };
    }
    return { kind: 'none' };
  }

  #fib(): FibLookup {
    return fibLookup(this.#host, this.#packet);
  }

  #cause(code: FindingCode, facts: Facts): Cause {
    const { object, facts: known } = this.#question.blame;
    return { code, object, facts: { ...known, ...facts } };
  }

  #seen() {
    const { routes } = this.#host;
    return { evidence: 'observed', observedAt: routes[4].known ? routes[4].observedAt : null } as const;
  }

  #pass(stage: Stage, detail: string, quote: { readonly text: string; readonly observedAt: string } | null): void {
    this.#steps.push(step(stage, 'pass', detail, quote === null ? this.#seen() : observed(quote)));
  }

  #undecided(stage: Stage, reason: string, by: Decider | null = null): Handling {
    this.#steps.push(step(stage, 'unknown', reason, { evidence: 'assumed', quote: by === null ? null : placeOf(by) }));
    return this.#done(open);
  }

  #drop(last: Step): Handling {
    this.#steps.push(last);
    return this.#done(ended);
  }

  #done(outcome: Handling['outcome']): Handling {
    return { steps: this.#steps, outcome };
  }
}
