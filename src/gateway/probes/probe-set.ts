/**
 * Probes of connectors (design.md 5): pings through the tunnel of each that stands in for others, bound to its lane's device, since the
 * kernel's routes lead to the active one only. `lane-probe.ts` is one of them, `fping-line.ts` what its process says. What follows from
 * the results is decided in src/core/failover.
 *
 * Tests: `node --test 'src/gateway/probes/*.test.ts'`; as root for `*.integration.test.ts` (network namespaces, fping).
 */
import type { ProbeResult } from '../../core/failover/probe-track.ts';
import type { EndpointId } from '../../core/ids.ts';
import { ClockStep } from './clock-step.ts';
import type { ProbeSpec } from './lane-probe.ts';
import { LaneProbe } from './lane-probe.ts';

export type ProbeSetOptions = {
  readonly periodMs: number;
  readonly heard: (endpoint: EndpointId, result: ProbeResult) => void;
  readonly broken: (cause: Error) => void;
};

/** ProbeSet is all probes of a gateway. */
export class ProbeSet {
  readonly #options: ProbeSetOptions;
  readonly #probes = new Map<EndpointId, LaneProbe>();
  readonly #clock = new ClockStep();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ProbeSetOptions) {
    this.#options = options;
  }

  /** want probes these and no others from now on. */
  want(specs: ReadonlyMap<EndpointId, ProbeSpec>): void {
    for (const [endpoint, probe] of this.#probes) {
      if (specs.has(endpoint)) continue;
      probe.stop();
      this.#probes.delete(endpoint);
    }
    for (const [endpoint, spec] of specs) {
      const probe = this.#probes.get(endpoint);
      if (probe === undefined) this.#probes.set(endpoint, this.#begin(endpoint, spec));
      else probe.want(spec);
    }
    if (this.#probes.size === 0) this.#rest();
    else this.#timer ??= setInterval(() => this.#look(), this.#options.periodMs);
  }

  stop(): void {
    this.want(new Map());
  }

  #begin(endpoint: EndpointId, spec: ProbeSpec): LaneProbe {
    const { periodMs, heard, broken } = this.#options;
    return new LaneProbe(spec, { periodMs, broken, heard: (result) => heard(endpoint, result) });
  }

  #look(): void {
    const now = performance.now();
    const isStepped = this.#clock.happened(Date.now(), now);
    for (const probe of this.#probes.values()) {
      if (isStepped) probe.restart();
      else probe.look(now);
    }
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
