import type { LabStep } from '../contract/cli/lab-result.ts';
import type { World } from './world.ts';

/** Scenario is one flow of the tutorial, told step by step on hosts that it builds. */
export type Scenario = {
  readonly name: string;
  /** One sentence for `lab list`. */
  readonly summary: string;
  /** Variants by name; the first is the default. */
  readonly options: Readonly<Record<string, string>>;
  /** Codes of the failure catalogue that can be injected, each with what is done. */
  readonly faults: Readonly<Record<string, string>>;
  readonly run: (stage: Stage) => Promise<void>;
};

/** Fault is a failure of the catalogue that can be put on running hosts and taken away again; `Wpc` is what it is done to. */
export type Fault<Wpc> = {
  /** What is done, and at which step the flow then fails: for `lab list`. */
  readonly summary: string;
  readonly inject: (wpc: Wpc) => Promise<void>;
  readonly mend: (wpc: Wpc) => Promise<void>;
};

/** Stage is what a scenario gets: an empty world, what was chosen, and `step` to tell what it sees. */
export type Stage = {
  readonly world: World;
  readonly option: string;
  readonly faults: ReadonlySet<string>;
  /**
   * Runs one step of the tutorial. `act` does it and gives what was observed, alone or beside what later steps need; when it throws,
   * the step has failed for the reason of the error, and the scenario ends there.
   */
  readonly step: <Seen extends string | { readonly observed: string }>(
    id: string,
    title: string,
    act: () => Promise<Seen>,
  ) => Promise<Seen>;
  /** Words for a person who waits, on stderr; not part of the result. */
  readonly progress: (text: string) => void;
};

/** StepFailed ends a scenario: the step that failed has already been recorded. */
export class StepFailed extends Error {
  readonly step: LabStep;

  constructor(step: LabStep) {
    super(`${step.id} ${step.title}: ${step.observed}`);
    this.name = 'StepFailed';
    this.step = step;
  }
}

/** summariesOf gives what `lab list` shows of a table of faults. */
export function summariesOf<Wpc>(faults: Readonly<Record<string, Fault<Wpc>>>): Record<string, string> {
  return Object.fromEntries(Object.entries(faults).map(([code, { summary }]) => [code, summary]));
}

/** expect is for observations within a step: what must hold, and what to say when it does not. */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
