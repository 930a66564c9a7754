import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * accessibilityProblems asks axe about the page as it is now: one sentence for each element that breaks a rule. In the page itself: axe's own
 * package for playwright opens another page for what frames would need, which takes six times as long, and the portal has none.
 */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${(failureSummary ?? '').replaceAll('\n', ' ')}`,
    ),
  );
}
