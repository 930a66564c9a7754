import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** accessibilityProblems asks axe about the page as it is now: one sentence for each element that breaks a rule. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${(failureSummary ?? '').replaceAll('\n', ' ')}`,
    ),
  );
}
