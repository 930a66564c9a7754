import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Scheme } from './browser.ts';
import { openBrowser } from './browser.ts';
import type { ExampleWpc } from './example-wpc.ts';
import { fillWpc } from './example-wpc.ts';
import { portalPages } from './pages.ts';
import { showPage } from './show-page.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
let wpc: ExampleWpc;
before(async () => {
  stage = await openStage();
  wpc = await fillWpc(stage);
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

/** Both themes, and both ends of what screens are. */
const looks: readonly { readonly width: number; readonly scheme: Scheme }[] = [
  { width: 1440, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

describe('every page', () => {
  for (const shown of portalPages) {
    it(`${shown.name}: axe has nothing against it, nothing is cut off, and the browser complains of nothing`, async () => {
      for (const look of looks) {
        const { page, complaints } = await showPage(browser, stage, wpc, shown, look);
        assert.deepEqual(await accessibilityProblems(page), [], JSON.stringify(look));
        const scrolls = await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
        assert.equal(scrolls, false, `the page scrolls sideways at ${String(look.width)}`);
        // Names with markup are in it: none may have become an element.
        assert.equal(await page.locator('#root img[src="x"], #root script').count(), 0);
        assert.deepEqual(complaints, []);
        await page.close();
      }
    });
  }
});
