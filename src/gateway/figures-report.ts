import { readdir } from 'node:fs/promises';
import type { GatewayFigures } from '../contract/gateway.ts';
import type { GatewayCounters } from './gateway-counters.ts';

/** Reports follow each other at once when sessions come and go; what is counted is told no more often than this. */
const everyMs = 5_000;

export type FiguresParts = {
  readonly counters: GatewayCounters;
  readonly streamOpens: () => number;
  readonly failedReports: () => number;
  /** Milliseconds since 1970; 0: there is no certificate. */
  readonly certificateValidUntil: () => number;
};

/** FiguresReport puts the figures of the agent together for its reports. */
export class FiguresReport {
  readonly #parts: FiguresParts;
  #openFiles: number | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(parts: FiguresParts) {
    this.#parts = parts;
  }

  /** look counts the open files of this process, which cannot be done in a moment; where that fails they are left out. */
  async look(): Promise<void> {
    this.#openFiles = await readdir('/proc/self/fd').then(
      ({ length }) => length,
      () => undefined,
    );
  }

  /** due gives them, as a field of a report, unless they were told a moment before `now` (monotonic milliseconds). */
  due(now: number): { readonly figures?: GatewayFigures } {
    if (now - this.#toldAt < everyMs) return {};
    this.#toldAt = now;
    const { counters, streamOpens, failedReports, certificateValidUntil } = this.#parts;
    const { user, system } = process.cpuUsage();
    const openFiles = this.#openFiles === undefined ? {} : { openFiles: this.#openFiles };
    const validUntil = certificateValidUntil();
    const figures = counters.read({
      process: { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss(), ...openFiles },
      streamOpens: streamOpens(),
      failedReports: failedReports(),
      ...(validUntil === 0 ? {} : { certificateExpiresAt: new Date(validUntil).toISOString() }),
    });
    return { figures };
  }
}
