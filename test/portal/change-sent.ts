import type { Page, Response } from 'playwright-core';

/** changeSent waits for the answer to a change; forms ask beforehand what it would do, with the same method below /dry-run. */
export async function changeSent(page: Page): Promise<Response> {
  return await page.waitForResponse(
    (answer) => answer.request().method() === 'PUT' && !new URL(answer.url()).pathname.includes('/dry-run/'),
  );
}
