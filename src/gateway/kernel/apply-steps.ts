import type { Step } from './kernel-plan.ts';

/** FailedStep is a step that the kernel refused, with its own words. */
export type FailedStep = { readonly step: Step; readonly line: number; readonly cause: string };

/**
 * StepsResult is what applying steps came to. Half done is a normal result: `done` holds what the kernel has now, `failed` what it
 * refused, `skipped` what could not work because the tun that it needs failed.
 */
export type StepsResult = {
  readonly done: readonly Step[];
  readonly failed: readonly FailedStep[];
  readonly skipped: readonly Step[];
};

export const nothingDone: StepsResult = { done: [], failed: [], skipped: [] };

/** joinResults puts results of independent steps together. */
export function joinResults(results: readonly StepsResult[]): StepsResult {
  return {
    done: results.flatMap(({ done }) => done),
    failed: results.flatMap(({ failed }) => failed),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** describeFailure names what was done, on which object, what the kernel said, and the command. */
export function describeFailure({ step, line, cause }: FailedStep): string {
  const command = step.line.includes('\n') ? '' : ` "${step.line}"`;
  return `${step.change === 'add' ? 'setting' : 'removing'} ${step.object}: line ${String(line)}${command}: ${cause}`;
}
