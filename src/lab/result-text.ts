import type { LabStep } from '../contract/cli/lab-result.ts';
import type { Scenario } from './scenario.ts';

/** stepText is one step for people: glyph and word say the same, so nothing is in colour alone. */
export function stepText(step: LabStep): string {
  const [first, ...more] = step.observed.split('\n');
  const mark = step.passed ? '✓' : '✕ failed';
  return [`${mark} ${step.id.padEnd(6)} ${step.title}`, ...[first, ...more].map((line) => `           ${line}`)].join('\n');
}

/** scenarioList is what `lab list` shows. */
export function scenarioList(scenarios: readonly Scenario[]): string {
  return scenarios
    .map((scenario) =>
      [
        `${scenario.name}  ${scenario.summary}`,
        ...Object.entries(scenario.options).map(
          ([name, summary], index) => `  --option ${name}  ${summary}${index === 0 ? ' (default)' : ''}`,
        ),
        ...Object.entries(scenario.faults).map(([code, summary]) => `  --fault ${code}  ${summary}`),
      ].join('\n'),
    )
    .join('\n');
}
