import type { GatewayFigures } from '../contract/gateway.ts';
import type { EndpointId } from '../core/ids.ts';
import type { LaneId } from '../core/lanes.ts';
import { isEmptyPlan } from './kernel/kernel-plan.ts';
import type { PassResult } from './kernel/reconcile.ts';

type LaneCounts = { exits: number; bytesIn: number; bytesOut: number };
type ConnectorCounts = { bytesIn: number; bytesOut: number; probesAnswered: number; probesMissed: number };

/** What somebody else knows about the agent at the moment of asking. */
export type CountersNow = Pick<GatewayFigures, 'process' | 'streamOpens' | 'failedReports' | 'certificateExpiresAt'>;

/** As many as the contract takes; a gateway has 256 lanes, and of connectors that are gone the oldest are forgotten. */
const mostConnectors = 5_000;
const mostPools = 5_000;

/**
 * GatewayCounters counts for the metrics what this agent does; from its start on, in memory. Bytes are differences of what the daemons say, so a
 * daemon that ran before this agent adds nothing of what was before.
 */
export class GatewayCounters {
  readonly #startedAt: string;
  readonly #passes = { unchanged: 0, changed: 0, partial: 0, failed: 0 };
  readonly #failedSteps = { nft: 0, ip: 0 };
  readonly #connects = new Map<string, number>();
  readonly #lanes = new Map<LaneId, LaneCounts>();
  readonly #connectors = new Map<string, ConnectorCounts>();
  readonly #moves = new Map<string, number>();
  readonly #changes = { applied: 0, applySeconds: 0 };
  #passSeconds = 0;
  #repairs = 0;

  /** `startedAt`: milliseconds since 1970. */
  constructor(startedAt: number) {
    this.#startedAt = new Date(startedAt).toISOString();
  }

  passed({ plan, applied, undone, tookMs }: Pick<PassResult, 'plan' | 'applied' | 'undone' | 'tookMs'>): void {
    const { failed, skipped } = applied;
    this.#passes[isEmptyPlan(plan) ? 'unchanged' : failed.length + skipped.length > 0 ? 'partial' : 'changed'] += 1;
    this.#passSeconds += tookMs / 1000;
    if (!isEmptyPlan(undone)) this.#repairs += 1;
    const ofNft = new Set(plan.nft);
    for (const { step } of failed) this.#failedSteps[ofNft.has(step) ? 'nft' : 'ip'] += 1;
  }

  passFailed(): void {
    this.#passes.failed += 1;
  }

  applied(tookMs: number): void {
    this.#changes.applied += 1;
    this.#changes.applySeconds += tookMs / 1000;
  }

  /** connect counts a client that was answered; `outcome` is `accepted` or the reason of the refusal, both from a closed list. */
  connect(outcome: string): void {
    this.#connects.set(outcome, (this.#connects.get(outcome) ?? 0) + 1);
  }

  exited(lane: LaneId): void {
    this.#lane(lane).exits += 1;
  }

  bytes(lane: LaneId, endpoint: EndpointId, bytesIn: number, bytesOut: number): void {
    const counts = this.#lane(lane);
    counts.bytesIn += bytesIn;
    counts.bytesOut += bytesOut;
    const connector = connectorOf(endpoint);
    if (connector === null) return;
    const own = this.#connector(connector);
    own.bytesIn += bytesIn;
    own.bytesOut += bytesOut;
  }

  probe(endpoint: EndpointId, answered: boolean): void {
    const connector = connectorOf(endpoint);
    if (connector !== null) this.#connector(connector)[answered ? 'probesAnswered' : 'probesMissed'] += 1;
  }

  moved(pool: string): void {
    if (this.#moves.size >= mostPools && !this.#moves.has(pool)) return;
    this.#moves.set(pool, (this.#moves.get(pool) ?? 0) + 1);
  }

  /** read gives all of it as it is reported. */
  read(now: CountersNow): GatewayFigures {
    return {
      ...now,
      startedAt: this.#startedAt,
      kernel: {
        passes: { ...this.#passes },
        passSeconds: this.#passSeconds,
        repairs: this.#repairs,
        failedSteps: { ...this.#failedSteps },
      },
      changes: { ...this.#changes },
      connects: [...this.#connects].map(([outcome, count]) => ({ outcome, count })),
      lanes: [...this.#lanes].map(([lane, counts]) => ({ lane, ...counts })),
      connectors: [...this.#connectors].map(([connector, counts]) => ({ connector, ...counts })),
      moves: [...this.#moves].map(([pool, count]) => ({ pool, count })),
    };
  }

  #lane(lane: LaneId): LaneCounts {
    let counts = this.#lanes.get(lane);
    if (counts === undefined) this.#lanes.set(lane, (counts = { exits: 0, bytesIn: 0, bytesOut: 0 }));
    return counts;
  }

  #connector(id: string): ConnectorCounts {
    let counts = this.#connectors.get(id);
    if (counts === undefined) {
      if (this.#connectors.size >= mostConnectors) this.#connectors.delete(this.#connectors.keys().next().value ?? '');
      this.#connectors.set(id, (counts = { bytesIn: 0, bytesOut: 0, probesAnswered: 0, probesMissed: 0 }));
    }
    return counts;
  }
}

function connectorOf(endpoint: EndpointId): string | null {
  return endpoint.startsWith('connector:') ? endpoint.slice('connector:'.length) : null;
}
