import { readFile, readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Samples } from './samples.ts';

/** A timer that fires so often; what it finds late by is the delay of the event loop. */
const resolution_ms = 20;

/**
 * ProcessFacts says how this process is, under the names that every exporter uses (process_…). prom-client has such a collector; of its forty metrics
 * a third break Prometheus' own conventions (gauges that end in _total), and the rest nobody of us would look at.
 */
export class ProcessFacts {
  readonly #delays: ReturnType<typeof monitorEventLoopDelay>;

  constructor() {
    this.#delays = monitorEventLoopDelay({ resolution: resolution_ms });
    this.#delays.enable();
  }

  async read(samples: Samples): Promise<void> {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    samples.add('process_cpu_seconds_total', {}, (user + system) / 1e6);
    samples.add('process_start_time_seconds', {}, performance.timeOrigin / 1000);
    samples.add('process_resident_memory_bytes', {}, rss);
    samples.add('process_open_fds', {}, await openFiles());
    samples.add('process_max_fds', {}, await mostFiles());
    samples.add('nodejs_heap_used_bytes', {}, heapUsed);
    samples.add('nodejs_event_loop_busy_seconds_total', {}, performance.eventLoopUtilization().active / 1000);
    // Before anything was measured it has no largest value.
    const late_ns = this.#delays.count === 0 ? 0 : Math.max(0, this.#delays.max - resolution_ms * 1e6);
    samples.add('nodejs_event_loop_late_seconds', {}, late_ns / 1e9);
    this.#delays.reset();
  }
}

/** Null where /proc is not there, or not ours to read: the series is missing then. */
async function openFiles(): Promise<number | null> {
  return await readdir('/proc/self/fd').then(
    ({ length }) => length,
    () => null,
  );
}

async function mostFiles(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const most = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return most === undefined ? null : Number(most);
}
