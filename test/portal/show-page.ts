import type { Tab, Scheme, Browser } from './browser.ts';
import type { ExampleWpc } from './example-wpc.ts';
import type { PortalPage } from './pages.ts';
import { showState, signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';

type Look = { readonly width: number; readonly scheme: Scheme };

/** showPage opens a page in a tab of its own and waits until it is complete. */
export async function showPage(browser: Browser, stage: Stage, wpc: ExampleWpc, shown: PortalPage, look: Look): Promise<Tab> {
  const tab = await browser.open(look);
  if (shown.state === 'signed-in') await signIn(tab.page, stage);
  else await showState(tab.page, shown.state);
  await tab.page.goto(`${stage.url}${shown.path(wpc)}`);
  await shown.complete(tab.page);
  await tab.page.waitForLoadState('networkidle');
  return tab;
}
