import { setTimeout as delay } from 'node:timers/promises';
import { compile } from '../../core/compile.ts';
import type { ConfigurationDelta } from '../../core/configuration-delta.ts';
import { diffConfiguration } from '../../core/configuration-delta.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { GatewayId } from '../../core/ids.ts';
import { loadModel } from '../store/load-model.ts';
import type { Store } from '../store/store.ts';
import type { WakeUp } from '../store/wake-up.ts';

/** CompiledConfiguration is the newest configuration of a gateway, with its JSON text made once for all who need it. */
export type CompiledConfiguration = {
  readonly configuration: GatewayConfiguration;
  readonly json: () => string;
  /** SHA-256 (hex) of the token that the gateway had at this revision; null: it was withdrawn. */
  readonly tokenHash: string | null;
};

export type CompiledDelta = { readonly delta: ConfigurationDelta; readonly json: string };

type History = { current: CompiledConfiguration; readonly deltas: CompiledDelta[] };

/** A gateway that is further behind gets a snapshot, which costs less than so many deltas. */
const deltasKept = 64;

/** Pause after a compilation, at least; it also lasts as long as the compilation took, so that bursts leave half the time to others. */
const leastPauseMs = 10;
const retryMs = 1_000;

/**
 * ConfigurationSource compiles the model for every gateway, once per revision for all streams, and keeps the last deltas. Revisions
 * that follow each other quickly are compiled together. While nobody subscribes nothing is compiled.
 *
 * A failure (the database is away) is logged and tried again each second; until then everybody keeps what they have.
 */
export class ConfigurationSource {
  readonly #store: Store;
  readonly #wakeUp: WakeUp;
  readonly #onTrouble: (error: unknown) => void;
  readonly #histories = new Map<GatewayId, History>();
  readonly #listeners = new Set<() => void>();
  /** Who waits until the streams have been told of what is being compiled. */
  #untold: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  #compiledRevision = -1;
  #running: Promise<void> | undefined;

  constructor(store: Store, wakeUp: WakeUp, onTrouble: (error: unknown) => void) {
    this.#store = store;
    this.#wakeUp = wakeUp;
    this.#onTrouble = onTrouble;
    this.#unsubscribe = wakeUp.subscribe(() => this.#wake());
  }

  /** subscribe calls `listener` after each new revision, and soon after subscribing if nothing was compiled lately. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#wake();
    return () => this.#listeners.delete(listener);
  }

  /** current is undefined before the first compilation, and for a gateway that does not exist any more. */
  current(gateway: GatewayId): CompiledConfiguration | undefined {
    return this.#histories.get(gateway)?.current;
  }

  /** Whether anything was compiled yet: until then `current` says nothing about which gateways exist. */
  get compiled(): boolean {
    return this.#compiledRevision >= 0;
  }

  /** deltasSince gives the deltas that lead from a revision to the current one, oldest first; undefined if they are not kept. */
  deltasSince(gateway: GatewayId, revision: number): readonly CompiledDelta[] | undefined {
    const history = this.#histories.get(gateway);
    if (history === undefined) return undefined;
    if (history.current.configuration.revision === revision) return [];
    const first = history.deltas.findIndex(({ delta }) => delta.from === revision);
    return first === -1 ? undefined : history.deltas.slice(first);
  }

  /**
   * told resolves when the open streams have been given a revision that has been announced; at once where no stream is open. A failure
   * holds nobody up.
   */
  async told(revision: number): Promise<void> {
    if (this.#running === undefined || this.#compiledRevision >= revision) return;
    await new Promise<void>((resolve) => this.#untold.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#unsubscribe();
    this.#listeners.clear();
    await this.#running;
  }

  #wake(): void {
    if (this.#closing.signal.aborted || this.#listeners.size === 0 || this.#running !== undefined) return;
    if (this.#compiledRevision >= this.#wakeUp.position().revision) return;
    this.#running = this.#compileUntilCurrent().finally(() => {
      this.#running = undefined;
      this.#release();
      // A revision that came between the last look and now.
      this.#wake();
    });
  }

  async #compileUntilCurrent(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#compiledRevision < this.#wakeUp.position().revision) {
      const began = performance.now();
      let pauseMs: number;
      try {
        await this.#compile();
        pauseMs = Math.max(leastPauseMs, performance.now() - began);
        for (const listener of this.#listeners) listener();
      } catch (error) {
        if (signal.aborted) return;
        this.#onTrouble(error);
        pauseMs = retryMs;
      }
      this.#release();
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #release(): void {
    const waiting = this.#untold;
    this.#untold = [];
    for (const resolve of waiting) resolve();
  }

  async #compile(): Promise<void> {
    const [{ model, sites }, tokens] = await Promise.all([loadModel(this.#store.database), this.#tokenHashes()]);
    const existing = new Set(sites.map(({ id }) => id));
    for (const id of this.#histories.keys()) if (!existing.has(id)) this.#histories.delete(id);
    for (const site of sites) this.#keep(compile(model, site), tokens.get(site.id) ?? null);
    this.#compiledRevision = model.revision;
  }

  #keep(configuration: GatewayConfiguration, tokenHash: string | null): void {
    const current = { configuration, tokenHash, json: once(() => JSON.stringify(configuration)) };
    const history = this.#histories.get(configuration.gateway.id);
    if (history === undefined) {
      this.#histories.set(configuration.gateway.id, { current, deltas: [] });
      return;
    }
    const before = history.current.configuration;
    history.current = current;
    if (before.revision === configuration.revision) return;
    const delta = diffConfiguration(before, configuration);
    history.deltas.push({ delta, json: JSON.stringify(delta) });
    if (history.deltas.length > deltasKept) history.deltas.shift();
  }

  /** Read beside the model and not in its snapshot: what matters is that a withdrawn token is seen at the latest with its revision. */
  async #tokenHashes(): Promise<ReadonlyMap<GatewayId, string | null>> {
    const rows = await this.#store.database.selectFrom('gateway').select(['id', 'token_sha256']).execute();
    return new Map(rows.map(({ id, token_sha256 }) => [id, token_sha256?.toString('hex') ?? null]));
  }
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}
