import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigurationDelta } from '../core/configuration-delta.ts';
import { applyDelta } from '../core/configuration-delta.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import { checkConfiguration } from './configuration-check.ts';
import type { ControllerClient } from './controller-client.ts';
import type { StreamEvent } from './event-stream.ts';
import { EventStreamParser } from './event-stream.ts';
import { LastingFailure } from './lasting-failure.ts';
import type { Log } from './log.ts';
import { explain } from './log.ts';

export type StreamOptions = {
  readonly client: ControllerClient;
  /** The configuration that is held now; its revision is what the stream goes on from. */
  readonly held: () => GatewayConfiguration | null;
  readonly take: (configuration: GatewayConfiguration) => void;
  /** The stream is open: what the controller missed can be told. */
  readonly opened: () => void;
  readonly log: Log;
  /** First and longest pause before it is opened again, in milliseconds. */
  readonly reconnectMs: readonly [number, number];
};

/**
 * ConfigurationStream follows the controller's stream for as long as the agent lives.
 *
 * States: connecting -> open (200 came) -> connecting after a pause, when the stream ends or fails for whatever reason. The pause doubles
 * up to the longest, with jitter so that a hundred gateways do not return in one moment; an event that was taken resets it. After an event
 * that does not fit what is held (a gap, a value that is not as it should be) the next connection asks for a snapshot. An older revision
 * than the one held is ignored. While it is down everything goes on from what is held.
 */
export class ConfigurationStream {
  readonly #options: StreamOptions;
  readonly #stopping = new AbortController();
  #opens = 0;
  #wantsSnapshot = false;
  #pauseMs: number;
  #running: Promise<void> | null = null;
  readonly #failure = new LastingFailure();

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#pauseMs = options.reconnectMs[0];
  }

  /** Why the stream is down; empty while it is open. */
  get failure(): string {
    return this.#failure.reason;
  }

  /** How often it was opened, since this agent began. */
  get opens(): number {
    return this.#opens;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (cause) {
        if (signal.aborted) return;
        const failure = explain(cause);
        if (this.#failure.failed(failure, Date.now())) {
          this.#options.log.warn(`configuration stream: ${failure}; going on with what is held`);
        }
      }
      await delay(this.#pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.reconnectMs[1]);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client, held, opened } = this.#options;
    const parser = new EventStreamParser();
    const revision = this.#wantsSnapshot ? undefined : held()?.revision;
    let isOpen = false;
    await client.stream(
      '/gateway/v1/stream',
      revision === undefined ? null : String(revision),
      (piece) => {
        if (!isOpen) {
          isOpen = true;
          this.#opens += 1;
          this.#failure.works();
          opened();
        }
        for (const event of parser.feed(piece)) this.#take(event);
      },
      signal,
    );
  }

  #take(event: StreamEvent): void {
    const { held, take, log } = this.#options;
    const before = held();
    try {
      const configuration = readEvent(event, before);
      if (configuration === null) return;
      this.#wantsSnapshot = false;
      this.#pauseMs = this.#options.reconnectMs[0];
      if (before !== null && configuration.revision < before.revision) {
        log.warn(
          `the controller sent revision ${String(configuration.revision)}, and ${String(before.revision)} is held; the older one is refused`,
        );
        return;
      }
      take(configuration);
    } catch (cause) {
      this.#wantsSnapshot = true;
      throw new Error(`event ${event.event} ${event.id ?? ''} does not fit; a snapshot is fetched`, { cause });
    }
  }
}

/** Events of other names are of a newer controller and say nothing to this agent. */
function readEvent(event: StreamEvent, held: GatewayConfiguration | null): GatewayConfiguration | null {
  if (event.event === 'snapshot') return checkConfiguration(JSON.parse(event.data));
  if (event.event !== 'delta') return null;
  if (held === null) throw new RangeError('a delta came before any snapshot');
  return checkConfiguration(applyDelta(held, JSON.parse(event.data) as ConfigurationDelta));
}
