import type { DesiredKernel, KernelInputs } from './kernel/desired-kernel.ts';
import { desiredKernel } from './kernel/desired-kernel.ts';
import type { SessionTable } from './session-table.ts';

type Inputs = Omit<KernelInputs, 'sessions'> & { readonly sessions: SessionTable };

/**
 * WantedKernel is the desired kernel, worked out again only when something that it follows from has changed: the reconciler asks every few seconds, and
 * takes another value for another wish; and with 10,000 prefixes the answer takes a while.
 */
export class WantedKernel {
  readonly #revisionOf = new WeakMap<DesiredKernel, number>();
  #from: readonly unknown[] = [];
  #last: DesiredKernel | undefined;

  /** What was wanted when it was last asked for. */
  get last(): DesiredKernel | undefined {
    return this.#last;
  }

  /** revisionOf gives the revision of the configuration that it was worked out from. */
  revisionOf(desired: DesiredKernel): number | undefined {
    return this.#revisionOf.get(desired);
  }

  of({ sessions, ...inputs }: Inputs): DesiredKernel {
    const { configuration, running, undecided, owners, alive } = inputs;
    const from = [configuration, sessions.version, [...running].join(), [...undecided].join(), owners, alive];
    if (this.#last === undefined || from.some((input, index) => input !== this.#from[index])) {
      this.#last = desiredKernel({ ...inputs, sessions: [...sessions.all()] });
      this.#from = from;
      this.#revisionOf.set(this.#last, configuration.revision);
    }
    return this.#last;
  }
}
