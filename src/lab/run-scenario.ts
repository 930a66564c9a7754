import type { LabResult, LabStep } from '../contract/cli/lab-result.ts';
import type { Scenario } from './scenario.ts';
import { StepFailed } from './scenario.ts';
import { World } from './world.ts';

export type ScenarioChoice = { readonly option: string; readonly faults: readonly string[] };

export type Watcher = {
  /** Called as each step ends, in order. */
  readonly onStep: (step: LabStep) => void;
  readonly onProgress: (text: string) => void;
  /** Called with everything still running, before it is removed: `--keep` waits here. */
  readonly beforeRemoval: (world: World) => Promise<void>;
};

/**
 * runScenario builds a world, runs the scenario in it and removes the world again, also after a failure. A step that fails gives a
 * result that has not passed; anything else that goes wrong (a host that cannot be built, a product that does not start) throws.
 */
export async function runScenario(scenario: Scenario, choice: ScenarioChoice, watcher: Watcher): Promise<LabResult> {
  const steps: LabStep[] = [];
  const record = (step: LabStep) => {
    steps.push(step);
    watcher.onStep(step);
  };
  await using world = await World.create();
  try {
    await scenario.run({
      world,
      option: choice.option,
      faults: new Set(choice.faults),
      progress: watcher.onProgress,
      step: (...step) => tellStep(record, ...step),
    });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  await watcher.beforeRemoval(world);
  const passed = steps.length > 0 && steps.every((step) => step.passed);
  return { scenario: scenario.name, option: choice.option, faults: [...choice.faults], passed, steps };
}

/** tellStep is Stage.step, with somebody who writes down what happened. */
export async function tellStep<Seen extends string | { readonly observed: string }>(
  record: (step: LabStep) => void,
  id: string,
  title: string,
  act: () => Promise<Seen>,
): Promise<Seen> {
  try {
    const seen = await act();
    record({ id, title, passed: true, observed: typeof seen === 'string' ? seen : seen.observed });
    return seen;
  } catch (error) {
    const step = { id, title, passed: false, observed: error instanceof Error ? error.message : String(error) };
    record(step);
    throw new StepFailed(step);
  }
}
