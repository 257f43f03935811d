import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Finding = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };

/** Lets a page be checked; what is followed from there needs it no second time. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** What axe finds serious or worse, in words; by all its rules, or those named. */
export async function check(page: Page, rules?: string[]): Promise<string[]> {
  const options = JSON.stringify({
    resultTypes: ['violations'],
    ...(rules && { runOnly: { type: 'rule', values: rules } }),
  });
  // What axe answers for violations.
  const found = (await page.evaluate(
    `axe.run(document, ${options}).then((result) => result.violations)`,
  )) as Finding[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}
