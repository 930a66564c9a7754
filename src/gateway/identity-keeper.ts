import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerClient } from './controller-client.ts';
import type { GatewayIdentityFiles, HeldIdentity } from './identity.ts';
import { isObject } from './kernel/json.ts';
import type { CommandRunner } from './kernel/run-command.ts';
import { LastingFailure } from './lasting-failure.ts';
import type { Log } from './log.ts';
import { explain } from './log.ts';

export type IdentityKeeperOptions = {
  readonly files: Pick<GatewayIdentityFiles, 'isComplete' | 'isDue' | 'isOf' | 'held' | 'fetch' | 'validUntil'>;
  readonly client: ControllerClient;
  readonly run: CommandRunner;
  readonly log: Log;
  /** Milliseconds between two looks, while all is well. */
  readonly checkMs: number;
  /** Milliseconds between two tries, doubled each time up to the second number. */
  readonly retryMs: readonly [number, number];
  /** The certificate is there, for the first time: lanes can start. */
  readonly complete: () => void;
  /** What is on disk is other than before, or was looked at again. */
  readonly held: (held: HeldIdentity) => void;
  /** Ends the keeping. */
  readonly signal: AbortSignal;
};

/** IdentityKeeper fetches the lanes' certificate when it is missing or due, again and again until it is there. */
export class IdentityKeeper {
  readonly #options: IdentityKeeperOptions;
  readonly #failure = new LastingFailure();
  #isComplete = false;
  #problem = '';
  #validUntil = 0;

  constructor(options: IdentityKeeperOptions) {
    this.#options = options;
  }

  /** Lanes can start with what is on disk. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Milliseconds since 1970 when the certificate ends, as it was looked at last; 0: there is none. */
  get validUntil(): number {
    return this.#validUntil;
  }

  /** Why it cannot be fetched; empty if it is there and not due. */
  get problem(): string {
    return this.#problem;
  }

  /** keep resolves when the signal ends it. */
  async keep(): Promise<void> {
    const { files, signal, retryMs, checkMs } = this.#options;
    let pauseMs = retryMs[0];
    while (!signal.aborted) {
      await this.#look();
      if (!this.#isComplete || (await files.isDue(Date.now())) || (await this.#isOfAnotherCa())) await this.#fetch();
      if (this.#isComplete) this.#options.held(await files.held(Date.now()));
      const settled = this.#isComplete && this.#problem === '';
      pauseMs = settled ? checkMs : Math.min(pauseMs * 2, retryMs[1]);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #fetch(): Promise<void> {
    const { files, client, run, log } = this.#options;
    try {
      await files.fetch(client, run);
      await this.#look();
      this.#problem = '';
      this.#failure.works();
    } catch (cause) {
      if (this.#failure.failed(explain(cause), Date.now()))
        log.warn('cannot fetch the certificate of the lanes; trying again', cause);
      this.#problem = `the certificate of the lanes cannot be fetched: ${explain(cause)}`;
    }
  }

  /** A controller that cannot be asked, or does not know the question, gives no reason to change anything. */
  async #isOfAnotherCa(): Promise<boolean> {
    const { client, files } = this.#options;
    const answer = await client.post('/gateway/v1/authority', {}).catch(() => undefined);
    const ca = isObject(answer) ? answer['ca'] : undefined;
    return typeof ca === 'string' && ca.length < 65_536 && !(await files.isOf(ca));
  }

  async #look(): Promise<void> {
    this.#validUntil = await this.#options.files.validUntil();
    if (this.#isComplete || !(await this.#options.files.isComplete(Date.now()))) return;
    this.#isComplete = true;
    this.#options.complete();
  }
}
