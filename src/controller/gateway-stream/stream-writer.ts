import type { ServerResponse } from 'node:http';
import type { GatewayId } from '../../core/ids.ts';
import type { ConfigurationSource } from './configuration-source.ts';

export type StreamOptions = {
  readonly gateway: GatewayId;
  /** SHA-256 (hex) of the token that opened the stream; when the gateway's is another one the stream ends. */
  readonly tokenHash: string;
  /** The revision that the gateway holds and that this controller has sent it; null: it gets a snapshot. */
  readonly heldRevision: number | null;
  readonly heartbeatMs: number;
};

/** StreamSource is the part of ConfigurationSource that a stream reads. */
export type StreamSource = Pick<ConfigurationSource, 'compiled' | 'current' | 'deltasSince' | 'subscribe'>;

/** A reader that takes nothing for this long is not there any more, or as good as. */
const stalledMs = 60_000;

/**
 * StreamWriter sends one gateway the configuration, as text/event-stream (contract/gateway.ts).
 *
 * States: idle -> writing (a new revision) -> idle, or waiting for the reader while its buffer is full. While it waits nothing is
 * queued: afterwards the gateway gets what leads from its revision to the newest, which is a snapshot when it fell too far behind. Ends
 * when the gateway or its token is gone, when the reader has stalled, or when the controller stops; the gateway then connects again.
 */
export class StreamWriter {
  readonly #response: ServerResponse;
  readonly #source: StreamSource;
  readonly #options: StreamOptions;
  readonly #unsubscribe: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #sentRevision: number | null;
  #blockedSince: number | undefined;

  constructor(response: ServerResponse, source: StreamSource, options: StreamOptions) {
    this.#response = response;
    this.#source = source;
    this.#options = options;
    this.#sentRevision = options.heldRevision;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // A proxy that collects the answer would hold back every change.
      'x-accel-buffering': 'no',
    });
    // A first byte, so that the gateway knows at once that the stream is open.
    response.write(': open\n\n');
    response.on('drain', () => {
      this.#blockedSince = undefined;
      this.#send();
    });
    response.on('close', () => this.#stop());
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs);
    this.#heartbeat.unref();
    this.#unsubscribe = source.subscribe(() => this.#send());
    this.#send();
  }

  /** end closes the stream in order; the gateway opens another one. */
  end(): void {
    this.#stop();
    this.#response.end();
  }

  #send(): void {
    if (this.#blockedSince !== undefined || this.#response.writableEnded || !this.#source.compiled) return;
    const { gateway, tokenHash } = this.#options;
    const current = this.#source.current(gateway);
    if (current === undefined || current.tokenHash !== tokenHash) {
      this.end();
      return;
    }
    const { revision } = current.configuration;
    if (this.#sentRevision === revision) return;
    const deltas = this.#sentRevision === null ? undefined : this.#source.deltasSince(gateway, this.#sentRevision);
    if (deltas === undefined) this.#write('snapshot', revision, current.json());
    else for (const { delta, json } of deltas) this.#write('delta', delta.to, json);
    this.#sentRevision = revision;
  }

  #write(event: 'snapshot' | 'delta', revision: number, json: string): void {
    // JSON has no raw line breaks, so one data line is enough.
    const flows = this.#response.write(`event: ${event}\nid: ${revision}\ndata: ${json}\n\n`);
    if (!flows) this.#blockedSince ??= performance.now();
  }

  #beat(): void {
    if (this.#blockedSince === undefined) {
      this.#response.write(': heartbeat\n\n');
      return;
    }
    if (performance.now() - this.#blockedSince > stalledMs) this.#response.destroy();
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
  }
}
