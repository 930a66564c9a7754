import type { ConnectorReport, PoolReport } from '../contract/gateway.ts';
import type { Health } from '../core/failover/health.ts';
import { attached, detached, newHealth, probed, probeTimeout, probing, roundTrip } from '../core/failover/health.ts';
import type { PoolChoice, Standing } from '../core/failover/owners.ts';
import { chooseOwners } from '../core/failover/owners.ts';
import type { Owners, Pool, PoolId } from '../core/failover/pool.ts';
import { poolsOf } from '../core/failover/pool.ts';
import type { ProbeResult } from '../core/failover/probe-track.ts';
import type { FailoverTimings } from '../core/failover/timings.ts';
import { choiceSentence, healthSentence, ownersText } from '../core/failover/words.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { LaneId } from '../core/lanes.ts';
import { handoverLane, laneDevice, sharedLane } from '../core/lanes.ts';
import { observeKernel } from './kernel/observe.ts';
import type { ObservedKernel } from './kernel/observed-kernel.ts';
import type { KernelOwnership } from './kernel/ownership.ts';
import type { CommandRunner } from './kernel/run-command.ts';
import { LastingFailure } from './lasting-failure.ts';
import type { GatewayCounters } from './gateway-counters.ts';
import type { Log } from './log.ts';
import { explain } from './log.ts';
import { ownersInKernel } from './owners-in-kernel.ts';
import type { ProbeSpec } from './probes/lane-probe.ts';
import { ProbeSet } from './probes/probe-set.ts';
import { isProbed, probedAddresses, probedConnectors } from './probes/probed-connectors.ts';
import type { Session } from './session.ts';
import type { SessionTable } from './session-table.ts';

export type FailoverOptions = {
  readonly own: KernelOwnership;
  readonly sessions: SessionTable;
  /** Lanes whose daemon runs but has not told yet who is connected; null before it is known which lanes run. */
  readonly undecided: () => ReadonlySet<LaneId> | null;
  readonly timings: FailoverTimings;
  readonly run: CommandRunner;
  readonly log: Log;
  readonly nameOf: (endpoint: EndpointId) => string;
  /**
   * Owners or those that are alive are others now. The kernel has to follow at once where traffic is lost until then, and in its own time
   * where somebody has only come.
   */
  readonly moved: (urgency: 'at-once' | 'in-time') => void;
  /** For the metrics. */
  readonly figures: Pick<GatewayCounters, 'probe' | 'moved'>;
  /** The next report has something to tell. */
  readonly told: () => void;
};

type Chosen = PoolChoice & { readonly since: string };

/** Least time between two decisions that sessions ask for. */
const paceMs = 50;

/**
 * Failover keeps who has the routes of each pool (core/failover): it has connectors probed, hears of sessions that come and go, decides,
 * and tells the agent when the kernel has to follow. Before `begin` has read the kernel nothing is decided: the owners that an earlier
 * agent left there are where it starts from.
 */
export class Failover {
  readonly #options: FailoverOptions;
  readonly #probes: ProbeSet;
  readonly #health = new Map<EndpointId, Health>();
  /** When each of those began to be what it is, for people. */
  readonly #healthSince = new Map<EndpointId, string>();
  /** `NETWORK ADDRESS` of what has answered behind a network, through any of its connectors. */
  readonly #credible = new Set<string>();
  readonly #broken = new LastingFailure();
  #kernel: Pick<ObservedKernel, 'routes' | 'tables'> | null = null;
  #configuration: GatewayConfiguration | null = null;
  #pools: readonly Pool[] = [];
  #probed: ReadonlySet<EndpointId> = new Set();
  #chosen = new Map<PoolId, Chosen>();
  #owners: Owners | null = null;
  #alive: ReadonlySet<EndpointId> = new Set();
  #isWaiting = false;
  #attachedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FailoverOptions) {
    const { timings } = options;
    this.#options = options;
    this.#probes = new ProbeSet({
      periodMs: timings.periodMs,
      heard: (endpoint, result) => this.#heard(endpoint, result),
      broken: (cause) => this.#cannotProbe(cause),
    });
  }

  /** begin reads from the kernel who owns what. Until it resolves nothing is decided; it rejects if the kernel cannot be read. */
  async begin(): Promise<void> {
    const { own, run } = this.#options;
    this.#kernel = await observeKernel(own, run);
    this.#follow();
  }

  /** configured takes in a configuration; owners are right for it when this returns, and the kernel is left to whoever configures it. */
  configured(configuration: GatewayConfiguration): void {
    this.#configuration = configuration;
    this.#pools = poolsOf(configuration);
    this.#probed = probedConnectors(this.#pools);
    for (const endpoint of this.#health.keys()) if (!this.#probed.has(endpoint)) this.#forget(endpoint);
    this.#forgetTargets(configuration);
    this.#decide();
  }

  /**
   * attachmentChanged: sessions came or went, or lanes told who is there. Decided at the end of this turn, or a moment after the last time:
   * in a storm of connects this is called for each of them, and all pools of a large installation take a few milliseconds.
   */
  attachmentChanged(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const decide = () => {
      this.#isWaiting = false;
      this.#attachedAt = performance.now();
      this.#follow();
    };
    const waitMs = this.#attachedAt + paceMs - performance.now();
    if (waitMs > 0) setTimeout(decide, waitMs);
    else setImmediate(decide);
  }

  stop(): void {
    this.#configuration = null;
    this.#probes.stop();
  }

  /** Null as long as nothing is decided. The same value as long as nobody else owns anything. */
  get owners(): Owners | null {
    return this.#owners;
  }

  /** Probed connectors that are not unhealthy; the same value as long as it is the same ones. */
  get alive(): ReadonlySet<EndpointId> {
    return this.#alive;
  }

  /** Why connectors cannot be probed; empty if they can. */
  get problem(): string {
    return this.#broken.reason;
  }

  report(): { connectors: ConnectorReport[]; pools: PoolReport[] } {
    const connectors = [...this.#health].map(([endpoint, health]): ConnectorReport => {
      const credible = this.#credibleFor(endpoint);
      return {
        connector: connectorId(endpoint),
        health: health.state === 'new' ? 'healthy' : health.state,
        reason: healthSentence(health, credible).slice(0, 300),
        since: this.#healthSince.get(endpoint) ?? new Date().toISOString(),
        target: health.probed.targets.find(credible) ?? null,
        roundTripMs: roundTrip(health),
      };
    });
    const pools = this.#pools.filter(isProbed).flatMap(({ id }): PoolReport[] => {
      const chosen = this.#chosen.get(id);
      if (chosen === undefined) return [];
      return [{ pool: id, owners: chosen.owners.map(connectorId), reason: choiceSentence(chosen), since: chosen.since }];
    });
    return { connectors, pools };
  }

  #follow(): void {
    const before = { owners: this.#owners, alive: this.#alive };
    this.#decide();
    if (before.owners === this.#owners && before.alive === this.#alive) return;
    const hasMoved = this.#pools.some(({ id, candidates }) => {
      const had = before.owners?.get(id) ?? [];
      return candidates.length > 1 && had.length > 0 && !isSame(had, this.#owners?.get(id));
    });
    const hasDied = [...before.alive].some((endpoint) => !this.#alive.has(endpoint));
    this.#options.moved(hasMoved || hasDied ? 'at-once' : 'in-time');
  }

  /** Makes `owners` and `alive` other values if they are to be others. */
  #decide(): void {
    const undecided = this.#options.undecided();
    if (this.#configuration === null || undecided === null) return;
    const previous = this.#owners ?? this.#remembered(this.#configuration);
    if (previous === null) return;
    this.#kernel = null;
    const specs = this.#attach(this.#configuration, previous);
    const choices = chooseOwners(this.#pools, (endpoint) => this.#standing(endpoint, previous, undecided), previous);
    if (this.#keep(choices, previous)) this.#options.told();
    const isMoved =
      choices.size !== this.#owners?.size || [...choices].some(([id, { owners }]) => !isSame(owners, previous.get(id)));
    if (isMoved) this.#owners = new Map([...choices].map(([id, { owners }]) => [id, owners]));
    const alive = [...this.#health].filter(([, { state }]) => state !== 'unhealthy').map(([endpoint]) => endpoint);
    const isOther = alive.length !== this.#alive.size || alive.some((endpoint) => !this.#alive.has(endpoint));
    if (isOther) this.#alive = new Set(alive);
    this.#probes.want(specs);
  }

  /** What an earlier agent left in the kernel; null before that is read. */
  #remembered(configuration: GatewayConfiguration): Owners | null {
    return this.#kernel === null ? null : ownersInKernel(this.#options.own, this.#pools, configuration, this.#kernel);
  }

  /** Brings the health of each probed connector up to date with its sessions, and gives what is to be probed from now on. */
  #attach(configuration: GatewayConfiguration, previous: Owners): Map<EndpointId, ProbeSpec> {
    const { own, timings } = this.#options;
    const now = performance.now();
    const specs = new Map<EndpointId, ProbeSpec>();
    for (const endpoint of this.#probed) {
      const session = this.#sessionOf(endpoint);
      const addresses = probedAddresses(configuration, endpoint, session);
      if (addresses === null) continue;
      const before = this.#health.get(endpoint) ?? newHealth(addresses, this.#isPassedOver(endpoint, previous), now);
      const known = probing(before, addresses);
      const health = session === undefined ? detached(known, now) : attached(known, now);
      this.#change(endpoint, health);
      if (session === undefined) continue;
      specs.set(endpoint, {
        device: laneDevice(own.installation, session.lane),
        source: configuration.gateway.address,
        addresses: [addresses.tunnel, ...addresses.targets],
        timeoutMs: probeTimeout(health, timings),
      });
    }
    return specs;
  }

  #standing(endpoint: EndpointId, previous: Owners, undecided: ReadonlySet<LaneId>): Standing {
    const found = this.#configuration?.endpoints[endpoint];
    const isDraining = found?.kind === 'connector' && found.draining;
    if (this.#sessionOf(endpoint) !== undefined)
      return { isAttached: true, isDraining, health: this.#health.get(endpoint)?.state ?? 'healthy' };
    // Its lane was there before this agent and has not told yet who is connected: who had routes there is taken to be.
    const isUndecided = [found?.lane ?? sharedLane, handoverLane].some((lane) => undecided.has(lane));
    const isAttached = isUndecided && [...previous.values()].some((owners) => owners.includes(endpoint));
    return { isAttached, isDraining, health: 'new' };
  }

  /** When this agent began, others had the routes of all its pools: it may have failed a moment ago. */
  #isPassedOver(endpoint: EndpointId, previous: Owners): boolean {
    if (this.#owners !== null) return false;
    const own = this.#pools.filter(({ candidates }) => candidates.includes(endpoint));
    const owners = own.map(({ id }) => previous.get(id) ?? []);
    return owners.some((some) => some.length > 0) && !owners.some((some) => some.includes(endpoint));
  }

  #sessionOf(endpoint: EndpointId): Session | undefined {
    const up = this.#options.sessions.ofEndpoint(endpoint).filter(({ state }) => state === 'established');
    return up.length < 2 ? up[0] : up.reduce((a, b) => (a.order > b.order ? a : b));
  }

  #heard(endpoint: EndpointId, result: ProbeResult): void {
    const before = this.#health.get(endpoint);
    if (before === undefined) return;
    const { timings, told, figures } = this.#options;
    this.#broken.works();
    figures.probe(endpoint, result.kind === 'answered');
    if (result.kind === 'answered' && before.probed.targets.includes(result.address))
      this.#credible.add(this.#placeOf(endpoint, result.address));
    const health = probed(before, result, this.#credibleFor(endpoint), timings, performance.now());
    this.#change(endpoint, health);
    if (health.state !== before.state || health.cause.kind !== before.cause.kind) {
      this.#follow();
      told();
    } else if (probeTimeout(health, timings) !== probeTimeout(before, timings)) this.#follow();
  }

  #change(endpoint: EndpointId, health: Health): void {
    const before = this.#health.get(endpoint);
    this.#health.set(endpoint, health);
    if (before?.state === health.state) return;
    this.#healthSince.set(endpoint, new Date().toISOString());
    if (before === undefined || health.state === 'new') return;
    const { log, nameOf } = this.#options;
    log.info(`${nameOf(endpoint)} is ${health.state}: ${healthSentence(health, this.#credibleFor(endpoint))}`);
  }

  /** Notes what was chosen since when, and says so where there was a choice. Gives true if that is worth a report. */
  #keep(choices: ReadonlyMap<PoolId, PoolChoice>, previous: Owners): boolean {
    const { log, nameOf } = this.#options;
    const chosen = new Map<PoolId, Chosen>();
    let isTold = false;
    for (const pool of this.#pools) {
      const choice = choices.get(pool.id);
      if (choice === undefined) continue;
      const before = this.#chosen.get(pool.id);
      const had = before?.owners ?? previous.get(pool.id) ?? [];
      const stays = isSame(choice.owners, had);
      const isKnown = before !== undefined && stays;
      chosen.set(pool.id, { ...choice, since: isKnown ? before.since : new Date().toISOString() });
      if (!isProbed(pool)) continue;
      isTold ||= !isKnown || before.why !== choice.why;
      if (!stays && had.length > 0) this.#options.figures.moved(pool.id);
      if (!stays) {
        const [from, to] = [ownersText(had, nameOf), ownersText(choice.owners, nameOf)];
        log.info(`${this.#poolName(pool.id)} moves from ${from} to ${to}: ${choiceSentence(choice)}`);
      }
    }
    this.#chosen = chosen;
    return isTold;
  }

  #poolName(pool: PoolId): string {
    const [kind, id = ''] = pool.split(':');
    if (kind === 'egress') return `internet traffic of class ${id}`;
    return `network ${JSON.stringify((this.#configuration?.networks[id as NetworkId]?.name ?? id).slice(0, 80))}`;
  }

  #credibleFor(endpoint: EndpointId): (address: AddressText) => boolean {
    return (address) => this.#credible.has(this.#placeOf(endpoint, address));
  }

  #placeOf(endpoint: EndpointId, address: AddressText): string {
    const found = this.#configuration?.endpoints[endpoint];
    return `${found?.kind === 'connector' ? (found.network ?? '') : ''} ${address}`;
  }

  /** A connector that names another router each time must not fill the memory. */
  #forgetTargets({ endpoints }: GatewayConfiguration): void {
    const named = new Set(
      [...this.#probed].flatMap((endpoint) => {
        const found = endpoints[endpoint];
        return found?.kind === 'connector' ? found.probeTargets.map((address) => this.#placeOf(endpoint, address)) : [];
      }),
    );
    for (const place of this.#credible) if (!named.has(place)) this.#credible.delete(place);
  }

  #forget(endpoint: EndpointId): void {
    this.#health.delete(endpoint);
    this.#healthSince.delete(endpoint);
  }

  #cannotProbe(cause: Error): void {
    const reason = `connectors cannot be probed, so that routes move only when a tunnel ends: ${explain(cause)}`;
    if (this.#broken.failed(reason, performance.now())) this.#options.log.warn(reason);
  }
}

function isSame(a: readonly EndpointId[], b: readonly EndpointId[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((endpoint, index) => endpoint === b[index]);
}

function connectorId(endpoint: EndpointId): string {
  return endpoint.slice(endpoint.indexOf(':') + 1);
}
