import { applyKernel } from './apply-kernel.ts';
import type { StepsResult } from './apply-steps.ts';
import { nothingDone } from './apply-steps.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { changedClasses, forgetExits } from './forget-exits.ts';
import type { KernelPlan } from './kernel-plan.ts';
import { isEmptyPlan } from './kernel-plan.ts';
import type { KernelNote } from './lint-kernel.ts';
import { lintKernel } from './lint-kernel.ts';
import { noElements } from './nft-elements.ts';
import { observeKernel } from './observe.ts';
import { planKernel } from './plan-kernel.ts';
import type { CommandRunner } from './run-command.ts';
import { undone } from './undone.ts';

/** PassResult is what one pass of the reconciler came to. */
export type PassResult = {
  readonly desired: DesiredKernel;
  readonly plan: KernelPlan;
  readonly applied: StepsResult;
  readonly notes: readonly KernelNote[];
  /** The part of the plan that mends what somebody else changed. */
  readonly undone: KernelPlan;
  /** From the beginning of the look at the kernel to the end of the writing. */
  readonly tookMs: number;
};

export type ReconcilerOptions = {
  /** What is wanted now; null while there is no configuration, and nothing is touched then. Called right before each plan. */
  readonly desired: () => DesiredKernel | null;
  readonly run: CommandRunner;
  readonly laneUser: string;
  /** Milliseconds between passes when nothing is told to have changed: applied is not done, somebody may undo it (style rule 29). */
  readonly everyMs: number;
  readonly onPass: (result: PassResult) => void;
  /** The kernel could not be read; the next pass tries again. */
  readonly onFailure: (cause: unknown) => void;
};

/** After a pass that failed in part, the next one comes soon. */
const retryMs = 500;

/** Least time between the beginnings of passes that sessions ask for. A client needs a second to connect; it does not notice. */
const paceMs = 150;

/**
 * Reconciler keeps the kernel equal to what is desired: observe, plan, apply, for ever. Requests that come while a pass runs, or in the
 * same turn, are one pass more. It trusts no memory of its own: each pass reads the kernel.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #timer: NodeJS.Timeout | null = null;
  /** Set while a paced request waits for its time. */
  #paced: NodeJS.Timeout | null = null;
  #beganAt = Number.NEGATIVE_INFINITY;
  #wanted = false;
  #stopped = false;
  #pass: Promise<void> | null = null;
  /** Whoever writes to the kernel holds this; a cut must not be undone by a plan that was made before it. */
  #writing: Promise<unknown> = Promise.resolve();
  /** What the kernel was made equal to by the last pass, if it was, and no writer but the passes has written since. */
  #settled: DesiredKernel | null = null;
  /** How often a writer that is no pass has written. */
  #otherWrites = 0;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** request asks for a pass at once, or right after the one that runs, that takes in everything desired up to now. */
  request(): void {
    if (this.#stopped || this.#wanted) return;
    this.#wanted = true;
    // At the end of this turn, so that a hundred connects that came in one read are one pass.
    setImmediate(() => this.#start());
  }

  /**
   * requestPaced asks for a pass at once, or a moment after the last one began if that was just now. A pass is half a dozen processes: in a
   * storm of connects, passes without a pause would take the CPU that the handshakes need (100 clients: 1.8 times slower, measured).
   */
  requestPaced(): void {
    if (this.#stopped || this.#wanted || this.#paced !== null) return;
    const waitMs = this.#beganAt + paceMs - performance.now();
    if (waitMs <= 0) return this.request();
    this.#paced = setTimeout(() => {
      this.#paced = null;
      this.request();
    }, waitMs);
  }

  /** stop ends the loop; the returned promise resolves when no pass runs any more. What the kernel holds stays. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#paced !== null) clearTimeout(this.#paced);
    await this.#pass;
    await this.#writing;
  }

  /** exclusively runs a writer while no plan is being applied; plans made before it are made again after it. */
  exclusively<Value>(write: () => Promise<Value>): Promise<Value> {
    return this.#alone(() => {
      this.#otherWrites += 1;
      this.#settled = null;
      return write();
    });
  }

  #alone<Value>(write: () => Promise<Value>): Promise<Value> {
    const result = this.#writing.then(write);
    this.#writing = result.catch(() => undefined);
    return result;
  }

  #start(): void {
    if (this.#pass !== null || this.#stopped || !this.#wanted) return;
    this.#wanted = false;
    this.#beganAt = performance.now();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#pass = this.#run().then((soon) => {
      this.#pass = null;
      if (this.#stopped) return;
      this.#timer = setTimeout(() => this.request(), soon ? retryMs : this.#options.everyMs);
      this.#start();
    });
  }

  /** Gives true if another pass should follow soon. */
  async #run(): Promise<boolean> {
    const { desired, run, laneUser, onPass, onFailure } = this.#options;
    const began = performance.now();
    try {
      const first = desired();
      if (first === null) return false;
      const writesBefore = this.#otherWrites;
      const observed = await observeKernel(first.own, run);
      const result = await this.#alone(async (): Promise<Omit<PassResult, 'tookMs'> | null> => {
        // Read again: whoever was cut while the kernel was observed must not get anything back.
        const now = desired();
        if (now === null) return null;
        const plan = planKernel(now, observed, laneUser);
        const isEmpty = isEmptyPlan(plan);
        const notes = isEmpty ? [] : lintKernel(now);
        const applied = isEmpty ? nothingDone : await applyKernel(plan, run);
        return { desired: now, plan, applied, notes, undone: undone({ desired: now, observed, plan }, this.#settled, laneUser) };
      });
      if (result === null) return false;
      // From what the kernel had, not from what this process remembers: the class may have been taken away while no agent ran.
      const had = observed.table?.elements ?? noElements;
      await forgetExits(result.desired.own, changedClasses(had, result.desired.elements), run);
      const clean = result.applied.failed.length === 0 && result.applied.skipped.length === 0;
      // What a writer changed after the look was planned without; the next pass finds it.
      this.#settled = clean && this.#otherWrites === writesBefore ? result.desired : null;
      onPass({ ...result, tookMs: performance.now() - began });
      return !clean;
    } catch (cause) {
      onFailure(cause);
      return true;
    }
  }
}
