import assert from 'node:assert/strict';
import { tellStep } from '../../src/lab/run-scenario.ts';
import type { Fault, Stage } from '../../src/lab/scenario.ts';
import { StepFailed } from '../../src/lab/scenario.ts';
import type { World } from '../../src/lab/world.ts';

/** stageIn is a stage for parts of a scenario, told one after the other in one world: building a world takes most of a scenario's time. */
export function stageIn(world: World, option: string): Stage {
  return { world, option, faults: new Set(), progress: () => undefined, step: (...step) => tellStep(() => undefined, ...step) };
}

/**
 * assertFailsAt injects a fault, tells a part of the flow, which has to fail at exactly that step and for that reason, mends, and tells it
 * again: then it passes.
 */
export async function assertFailsAt<Wpc>(
  { inject, mend }: Fault<Wpc>,
  wpc: Wpc,
  { step, reason, tell }: { readonly step: string; readonly reason: RegExp; readonly tell: () => Promise<void> },
): Promise<void> {
  await inject(wpc);
  try {
    await assert.rejects(tell(), (error: unknown) => {
      assert.ok(error instanceof StepFailed, String(error));
      assert.equal(error.step.id, step, error.message);
      assert.match(error.step.observed, reason);
      return true;
    });
  } finally {
    await mend(wpc);
  }
  await tell();
}
