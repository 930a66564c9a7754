import type { GatewayConfiguration } from './gateway-configuration.ts';
import type { MachineRefusal } from './device-identity.ts';
import { machineRefusal } from './device-identity.ts';
import type { EndpointId, Serial } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { everything, overlaps, strictPrefix } from './ip/prefix.ts';
import { subtract } from './ip/prefix-set.ts';
import type { LaneId } from './lanes.ts';
import type { PushedOptions } from './pushed-options.ts';
import { prefixesOfNetwork } from './prefixes-of-network.ts';
import { pushedTo } from './pushed-options.ts';

/** TunnelSession is what of a session decides about its fate (gateway/session.ts has the rest). */
export type TunnelSession = {
  readonly endpoint: EndpointId;
  readonly serial: Serial;
  readonly lane: LaneId;
  /** The tunnel address that it was given. */
  readonly address: AddressText;
  /** Prefixes that its daemon sends to it. `0.0.0.0/0` on a connector's own lane: there the kernel's routes decide alone. */
  readonly owns: readonly PrefixText[];
  /** What it was told, or null where that is not known. */
  readonly pushed: PushedOptions | null;
  /** What it said of itself at its connect is not known. */
  readonly found?: true;
  readonly peer: {
    /** Runs our connector agent, which is told routes by the controller. */
    readonly agent?: boolean;
    /** Takes changes of what it was pushed without connecting again. */
    readonly pushUpdate?: boolean;
    /** What it calls the machine that it runs on. */
    readonly machine?: string;
  };
};

type Holding = Pick<TunnelSession, 'endpoint' | 'owns'>;

/** Why a session that is up is ended by the gateway; with the refusal reasons these are all the reasons that a report can carry. */
export type EndReason =
  | 'revoked'
  | MachineRefusal
  | 'suspended'
  | 'address-changed'
  | 'lane-removed'
  | 'routes-changed'
  | 'internet-changed'
  | 'dns-changed'
  | 'prefixes-changed'
  | 'handover-overdue'
  | 'superseded'
  | 'disconnected'
  | 'lane-ended';

/**
 * SessionFate is what a configuration means for a session:
 *   keep     nothing.
 *   cut      nothing of it may pass from this moment on. HALT makes a 2.x client exit, RESTART lets it come back.
 *   restart  it may go on, but has to connect again for the gateway or the client to learn something: `now`, or `unless-handed-over`: our
 *            agent was told to change its tunnel without loss, and is only restarted if it does not.
 *   update   the client learns what is `pushed` to it without connecting again, if its lane can do that; else like `restart`, `now`.
 */
export type SessionFate =
  | { readonly kind: 'keep' }
  | { readonly kind: 'cut'; readonly reason: EndReason; readonly how: 'HALT' | 'RESTART' }
  | { readonly kind: 'restart'; readonly reason: EndReason; readonly when: 'now' | 'unless-handed-over' }
  | { readonly kind: 'update'; readonly reason: EndReason; readonly pushed: PushedOptions };

/** sessionFate is pure; equal inputs give equal fates. `onLane` gives all sessions of the session's lane; it is rarely asked. */
export function sessionFate(
  configuration: GatewayConfiguration,
  session: TunnelSession,
  onLane: () => Iterable<Holding>,
): SessionFate {
  const endpoint = configuration.endpoints[session.endpoint];
  const lane = configuration.lanes[session.lane];
  if (endpoint === undefined || configuration.certificates[session.serial] !== session.endpoint)
    return { kind: 'cut', reason: 'revoked', how: 'HALT' };
  if (endpoint.admission === 'suspended') return { kind: 'cut', reason: 'suspended', how: 'RESTART' };
  if (endpoint.address !== session.address) return { kind: 'cut', reason: 'address-changed', how: 'RESTART' };
  // One that was found says which machine it runs on when its keys are renewed (admittedAgain).
  const misfit =
    endpoint.kind === 'device' && session.found !== true ? machineRefusal(endpoint.machine, session.peer.machine) : null;
  if (misfit !== null) return { kind: 'cut', reason: misfit, how: 'RESTART' };
  if (lane === undefined || (lane.kind === 'connector' && session.endpoint !== `connector:${lane.owner}`)) {
    return { kind: 'cut', reason: 'lane-removed', how: 'RESTART' };
  }
  // The daemon of a lane that is shared learns owners at connect only; on a lane of its own a connector is sent everything.
  if (missesPrefix(configuration, session, onLane)) {
    // An agent whose connector has a lane of its own is here because it cannot reach that: the controller asks no hand-over of it.
    const isAsked = session.peer.agent === true && endpoint.kind === 'connector' && endpoint.lane === null;
    const when = isAsked ? 'unless-handed-over' : 'now';
    return { kind: 'restart', reason: 'prefixes-changed', when };
  }
  // Connectors with our agent are told by the controller. What a client was told before the agent's restart is not known.
  if (session.pushed === null || session.peer.agent === true) return { kind: 'keep' };
  const pushed = pushedTo(configuration, endpoint);
  const reason = whatItFeels(session.pushed, pushed);
  if (reason === null) return { kind: 'keep' };
  return session.peer.pushUpdate === true ? { kind: 'update', reason, pushed } : { kind: 'restart', reason, when: 'now' };
}

function missesPrefix(configuration: GatewayConfiguration, session: TunnelSession, onLane: () => Iterable<Holding>): boolean {
  if (session.owns.includes(everything)) return false;
  const endpoint = configuration.endpoints[session.endpoint];
  // Of thousands of sessions most are devices': what a network has is looked up, and not searched for each.
  if (endpoint?.kind !== 'connector' || endpoint.network === null) return false;
  if (configuration.networks[endpoint.network]?.connectors[0] !== session.endpoint) return false;
  const missing = prefixesOfNetwork(configuration, endpoint.network)
    .filter((text) => !session.owns.includes(text))
    .map((text) => strictPrefix(text));
  if (missing.length === 0) return false;
  // What another one holds there would not be given to it at the next connect either (decide): it would be sent away at each change.
  const held = [...onLane()]
    .filter((other) => other.endpoint !== session.endpoint)
    .flatMap(({ owns }) => owns.map((text) => strictPrefix(text)));
  return missing.some((prefix) => !held.some((other) => overlaps(other, prefix)));
}

/**
 * A client is only disturbed if it cannot reach something without what is new, or something of it must not go where it goes now. A route
 * too much costs nothing: what must not pass is decided at the gateway. Null: it need not notice.
 */
function whatItFeels(before: PushedOptions, now: PushedOptions): EndReason | null {
  if (before === now) return null;
  if (before.internet !== now.internet || !equal(before.bypass, now.bypass)) return 'internet-changed';
  if (!equal(before.dns, now.dns)) return 'dns-changed';
  if (before.routes === now.routes) return null;
  const added = lacking(now.routes, before.routes);
  if (now.internet === 'local') return added.length > 0 || takesFromInternet(before, now) ? 'routes-changed' : null;
  // Everything goes into the tunnel anyway, but for what its bypass would take out again.
  const bypass = now.bypass.map((text) => strictPrefix(text));
  return added.some((prefix) => bypass.some((other) => overlaps(prefix, other))) ? 'routes-changed' : null;
}

/** A public prefix that no network has any more is reached by the local line again; nobody else has a private one. */
function takesFromInternet(before: PushedOptions, now: PushedOptions): boolean {
  return lacking(before.routes, now.routes).some((prefix) => !notInternet.some((other) => overlaps(other, prefix)));
}

/** Private and shared addresses (RFC 1918, RFC 6598). */
const notInternet = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((text) => strictPrefix(text));

/** Thousands of sessions share a few lists (pushed-options.ts), so the same two are compared again and again. */
const remembered = new WeakMap<readonly PrefixText[], WeakMap<readonly PrefixText[], readonly Prefix[]>>();

function lacking(wanted: readonly PrefixText[], had: readonly PrefixText[]): readonly Prefix[] {
  let ofWanted = remembered.get(wanted);
  if (ofWanted === undefined) remembered.set(wanted, (ofWanted = new WeakMap()));
  let found = ofWanted.get(had);
  if (found === undefined) {
    // Most are in both as they are, and need no arithmetic.
    const same = new Set(had);
    const differing = wanted.filter((text) => !same.has(text)).map((text) => strictPrefix(text));
    found =
      differing.length === 0
        ? []
        : subtract(
            differing,
            had.map((text) => strictPrefix(text)),
          );
    ofWanted.set(had, found);
  }
  return found;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
