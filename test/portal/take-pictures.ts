/**
 * Takes a picture of every page in both themes at each width, into a directory: what to look at before a page is called good.
 *
 *     ./causeway node test/portal/take-pictures.ts DIRECTORY [PAGE…]
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openBrowser, schemes, widths } from './browser.ts';
import { fillWpc } from './example-wpc.ts';
import { portalPages } from './pages.ts';
import { showPage } from './show-page.ts';
import { openStage } from './stage.ts';

const [directory, ...names] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: ./causeway node test/portal/take-pictures.ts DIRECTORY [PAGE…]\n');
  process.exit(2);
}
await mkdir(directory, { recursive: true });
await using stage = await openStage();
const wpc = await fillWpc(stage);
await using browser = await openBrowser();
for (const shown of portalPages.filter(({ name }) => names.length === 0 || names.includes(name))) {
  for (const scheme of schemes) {
    for (const width of widths) {
      const { page } = await showPage(browser, stage, wpc, shown, { width, scheme });
      const file = path.join(directory, `${shown.name}-${String(width)}-${scheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
      process.stdout.write(`${file}\n`);
      await page.close();
    }
  }
}
