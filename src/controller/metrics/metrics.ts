import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GatewayFiguresStore } from './gateway-figures.ts';
import { metricTable } from './metric-table.ts';
import type { KeptName, LabelsOf, MetricName, MetricShape } from './metric-table.ts';
import { RevisionClock } from './revision-clock.ts';
import type { Sample } from './samples.ts';

/** Job runs what is done regularly, and counts it. */
export type Job = <Result>(run: () => Promise<Result>) => Promise<Result>;

/**
 * Metrics is what this process counts, and how it is written down. prom-client is behind it and nowhere else: a metric is named in
 * metric-table.ts, and a name or label that is not there does not compile.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #live = new Map<MetricName, () => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>>();
  /** What gateways said of themselves last. */
  readonly gateways = new GatewayFiguresStore();
  /** When each revision was seen first. */
  readonly revisions = new RevisionClock();

  constructor() {
    for (const [name, shape] of namedShapes()) if (!shape.asked) this.#declare(name, shape);
  }

  count<Name extends KeptName<'counter'>>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.inc({ ...labels }, by);
  }

  set<Name extends KeptName<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#gauges.get(name)?.set({ ...labels }, value);
  }

  /** observe adds a time in seconds to a histogram. */
  observe<Name extends KeptName<'histogram'>>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
    this.#histograms.get(name)?.observe({ ...labels }, seconds);
  }

  /** live names who knows the values of a gauge: it is asked for each answer. The last one that is named counts. */
  live<Name extends KeptName<'gauge'>>(name: Name, read: () => Iterable<readonly [labels: LabelsOf<Name>, value: number]>): void {
    this.#live.set(name, read);
  }

  /**
   * job runs what is done regularly and counts it, under a name that stays the same. What it throws is thrown on. Declares the series of the job
   * at once, so that an alert sees that it has never run.
   */
  job(name: string): Job {
    for (const result of ['success', 'failure']) this.count('causeway_job_runs_total', { name, result }, 0);
    this.count('causeway_job_duration_seconds_total', { name }, 0);
    this.set('causeway_job_last_success_timestamp_seconds', { name }, 0);
    return async (run) => {
      const began = performance.now();
      let result = 'failure';
      try {
        const value = await run();
        result = 'success';
        this.set('causeway_job_last_success_timestamp_seconds', { name }, Date.now() / 1000);
        return value;
      } finally {
        this.count('causeway_job_runs_total', { name, result });
        this.count('causeway_job_duration_seconds_total', { name }, (performance.now() - began) / 1000);
      }
    };
  }

  /** text gives all of it as Prometheus reads it: what is kept here, and `samples`. Of several of one series the last counts. */
  async text(samples: readonly Sample[]): Promise<string> {
    for (const [name, read] of this.#live) {
      const gauge = this.#gauges.get(name);
      for (const [labels, value] of read()) gauge?.set({ ...labels }, value);
    }
    return `${await this.#registry.metrics()}\n${await textOfSamples(samples)}`;
  }

  /** Fit for the header Content-Type. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #declare(name: MetricName, { type, help, labels, buckets }: MetricShape): void {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (type) {
      case 'counter':
        this.#counters.set(name, new Counter(options));
        return;
      case 'gauge':
        this.#gauges.set(name, new Gauge(options));
        return;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
        return;
    }
  }
}

/** A registry of its own for each answer: what is gone has no series, without anybody having to take it out. */
async function textOfSamples(samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const byName = Map.groupBy(samples, ({ name }) => name);
  for (const [name, shape] of namedShapes()) {
    if (!shape.asked) continue;
    const options = { name, help: shape.help, labelNames: [...shape.labels], registers: [registry] };
    const own = byName.get(name as Sample['name']) ?? [];
    if (shape.type === 'counter') {
      const counter = new Counter(options);
      for (const { labels, value } of own) counter.inc({ ...labels }, value);
    } else {
      const gauge = new Gauge(options);
      // Without labels prom-client says 0 before it is told anything, which is a lie of what is not known.
      if (own.length === 0) registry.removeSingleMetric(name);
      for (const { labels, value } of own) gauge.set({ ...labels }, value);
    }
  }
  return await registry.metrics();
}

function namedShapes(): [MetricName, MetricShape][] {
  return Object.entries(metricTable) as [MetricName, MetricShape][];
}
