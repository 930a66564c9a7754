/** Compares a decision with what `ip route get` answers; the kernel says whether, the model also why. */
import { formatAddress } from '../../ip/address.ts';
import { decideInput } from './decide-input.ts';
import { decideOutput } from './decide-output.ts';
import type { DropReason, InputDecision, OutputDecision } from './decision.ts';
import type { LinuxHost } from './linux-host.ts';
import type { KernelAnswer, KernelQuestion } from './test-kernel-host.ts';

export type Decision = InputDecision | OutputDecision;

export function decide(host: LinuxHost, { packet, mark, at }: KernelQuestion): Decision {
  if ('iif' in at) return decideInput(host, { packet, iif: at.iif, mark });
  return decideOutput(host, { packet, oif: at.oif, mark, user: 0 });
}

const invalid = 'Invalid argument';
/** What the kernel answers (6.18; before 6.15 rp_filter was `Invalid cross-device link`). */
const messages: Readonly<Record<DropReason, readonly string[]>> = {
  'interface-missing': ['No such device'],
  'interface-down': ['Network is unreachable'],
  'family-off': ['Network is unreachable'],
  'martian-source': [invalid],
  'martian-destination': [invalid],
  'own-source': [invalid],
  'rp-filter': [invalid, 'Invalid cross-device link'],
  'rp-filter-no-route': [invalid, 'Invalid cross-device link'],
  'source-not-local': ['Network is unreachable', invalid],
  'forwarding-off': ['No route to host'],
  'interface-forwarding-off': ['No route to host'],
  'no-route': ['Network is unreachable'],
  blackhole: [invalid],
  unreachable: ['No route to host'],
  prohibit: ['Permission denied'],
};

/** difference says in one line how the two differ; undefined where they agree. */
export function difference(question: KernelQuestion, decision: Decision, answer: KernelAnswer): string | undefined {
  const wanted = JSON.stringify(answer);
  switch (decision.kind) {
    case 'unknown':
      return undefined;
    case 'drop': {
      if (answer.kind === 'route')
        return isBeyondRouteGet(question, decision.reason) ? undefined : `${decision.reason} for ${wanted}`;
      // A rule says unreachable in other words than a route.
      const fits =
        decision.reason === 'unreachable' ? [...messages.unreachable, 'Network is unreachable'] : messages[decision.reason];
      return fits.includes(answer.message) || isBeyondRouteGet(question, decision.reason)
        ? undefined
        : `${decision.reason} for ${wanted}`;
    }
    case 'local':
      if (answer.kind === 'route' && answer.type === (decision.cast === 'broadcast' ? 'broadcast' : 'local')) return undefined;
      return `local for ${wanted}`;
    case 'send':
    case 'forward': {
      if (answer.kind === 'error') return `${decision.kind} for ${wanted}`;
      const way = decision.ways.find(
        (one) => one.interface === answer.dev && (one.gateway === null ? null : formatAddress(one.gateway)) === answer.gateway,
      );
      if (way === undefined) return `${decision.ways.map((one) => one.interface).join(' or ')} for ${wanted}`;
      if (decision.kind === 'send' || decision.redirect === 'unknown' || question.packet.destination.family === 6)
        return undefined;
      return (decision.redirect === 'sent') === answer.redirect ? undefined : `redirect ${decision.redirect} for ${wanted}`;
    }
  }
}

/** IPv6 decides about forwarding and sources after the look-up, where `route get` does not come; real packets prove those. */
function isBeyondRouteGet({ packet, at }: KernelQuestion, reason: DropReason): boolean {
  const reasons: readonly DropReason[] = ['forwarding-off', 'martian-source', 'martian-destination', 'family-off'];
  return packet.destination.family === 6 && 'iif' in at && reasons.includes(reason);
}
