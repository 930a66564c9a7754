import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
import { appendEvents } from '../../src/controller/store/model-transaction.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import { fillHour } from './hour-of-traffic.ts';
import { fillLargeWpc } from './large-wpc.ts';
import { signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function openOverview(path = '/'): Promise<Page> {
  const { page } = await browser.open();
  await signIn(page, stage);
  await page.goto(`${stage.url}${path}`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return page;
}

/** The edges that are lit, of all. */
async function litEdges(page: Page): Promise<readonly [number, number]> {
  return [await page.locator('path[data-lit]').count(), await page.locator('path[data-state]').count()];
}

async function widestEdge(page: Page): Promise<number> {
  return await page.evaluate<number>(
    `Math.max(...[...document.querySelectorAll('path[data-state="up"]')].map((path) => Number(path.getAttribute('stroke-width'))))`,
  );
}

/** How many colours, without shades of grey and of transparency, are in the first canvas. */
const coloursOfCanvas = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] === 255 && Math.abs(data[at] - data[at + 2]) > 40) colours.add(data.slice(at, at + 3).join());
  return colours.size;
})()`;

/** One story: each step begins with what the one before has made. */
describe('the overview', () => {
  it('leads from nothing to the first network, and shows it as it is: down, then up, without a reload', async () => {
    const page = await openOverview();
    await page.getByRole('heading', { name: 'First steps' }).waitFor();
    const { connectors } = await call(stage.issuing.controller, networkRoutes.create, {
      body: { name: 'HQ Network', routes: [{ value: '10.200.0.0/16' }], connectors: [{ name: 'hq-1' }] },
    });
    await page.getByRole('button', { name: /^Network HQ Network .*Down/ }).waitFor();
    const connector = connectors[0]?.id ?? '';
    await reportSession(stage.issuing, { connector }, { state: 'established' });
    // As the gateway's report does, which a test of gateway-stream covers.
    await appendEvents(stage.issuing.controller.deps.store, [
      { topic: 'connector.online', entity: 'connector', entityId: connector },
    ]);
    await page.getByRole('button', { name: /^Network HQ Network .*Up/ }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Connector hq-1 online' }).waitFor();
    await page.close();
  });

  it('lights what belongs to a card, opens its panel in the address, and leads on', async () => {
    await fillLargeWpc(stage, 12);
    const page = await openOverview();
    const group = page.getByRole('button', { name: /^Group Engineering/ });
    await group.focus();
    const [lit, all] = await litEdges(page);
    assert.ok(lit > 0 && lit < all, `${String(lit)} of ${String(all)}`);
    // Its internet traffic leaves by the site whose card says so; that of Staff stays on the local line.
    const internet = page.getByRole('button', { name: /^Internet/ });
    assert.equal(await internet.getAttribute('data-lit'), 'true');
    await page.getByRole('button', { name: /^Group Staff/ }).focus();
    assert.equal(await internet.getAttribute('data-lit'), null);
    await page.getByRole('button', { name: /^Network HQ Network/ }).press('Enter');
    await page.waitForURL(/card=network/);
    await page.reload();
    const panel = page.getByRole('complementary');
    await panel.getByText('10.200.0.0/16').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await panel.getByRole('link', { name: 'Open the network' }).click();
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.close();
  });

  it('draws what passed in the last hour and says it as a table, and draws edges as wide as their traffic', async () => {
    const { connectors } = await call(stage.issuing.controller, networkRoutes.create, {
      body: { name: 'Quiet', routes: [{ value: '10.201.0.0/16' }], connectors: [{ name: 'quiet-1' }] },
    });
    const page = await openOverview();
    await page.getByText('No minute has been counted yet').waitFor();
    assert.equal(await widestEdge(page), 2);
    await fillHour(stage, new Date(Date.now() + 86_400_000));
    await reportSession(stage.issuing, { connector: connectors[0]?.id ?? '' }, { state: 'established' });
    await page.reload();
    const chart = page.getByRole('img', {
      name: /^Traffic of the last hour, minute by minute\. At .*: From people .*kB\/s, To people .*kB\/s, Networks and hosts .*B\/s\.$/,
    });
    await chart.locator('canvas').waitFor();
    // Its lines, in the colours of the theme.
    assert.ok((await page.evaluate<number>(coloursOfCanvas)) > 2);
    // 270 kB in a second are 2.4 pixels more than nothing; a tunnel of which only one report is there has the plain width.
    const expected = 2 + Math.log10(1 + 270_000 / 1_000);
    assert.ok((await widestEdge(page)) >= expected, String(await widestEdge(page)));
    await page.getByText('As a table').click();
    const rows = page.getByRole('region', { name: 'Traffic minute by minute' }).getByRole('row');
    await rows.filter({ hasText: 'MB/s' }).first().waitFor();
    assert.equal(await rows.count(), 61);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole('link', { name: 'Networks', exact: true }).click();
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('row').filter({ hasText: 'hq-1' }).filter({ hasText: '270 kB/s' }).waitFor();
    await page
      .getByRole('img', { name: /From the network .*, To the network / })
      .locator('canvas')
      .waitFor();
    await page.close();
  });

  it('says the same as a table, a card in a row', async () => {
    const page = await openOverview();
    const cards = await page
      .getByRole('button', { pressed: false })
      .filter({ has: page.locator('code, [data-state]') })
      .count();
    await page.getByRole('button', { name: 'View as list' }).click();
    const table = page.getByRole('region', { name: 'Map' }).getByRole('row');
    await table
      .filter({ hasText: 'HQ Network' })
      .filter({ hasText: /Frankfurt.* 270 kB\/s/ })
      .waitFor();
    assert.equal((await table.count()) - 1, cards);
    await page.close();
  });
});
