import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import { signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  browser = await openBrowser();
  const { controller } = stage.issuing;
  const hq = await call(controller, networkRoutes.create, { body: { name: 'HQ Network' } });
  await call(controller, networkRoutes.update, { id: hq.id, body: { description: 'Berlin' } });
  await call(controller, userRoutes.create, { body: { username: '=cmd()' } });
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function openActivity(path = '/activity'): Promise<Page> {
  const { page } = await browser.open();
  await signIn(page, stage);
  await page.goto(`${stage.url}${path}`);
  await page.getByRole('row').nth(1).waitFor();
  return page;
}

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('cell') });

describe('activity', () => {
  it('lets new rows wait until they are asked for', async () => {
    const page = await openActivity();
    const shown = await rows(page).count();
    await call(stage.issuing.controller, networkRoutes.create, { body: { name: 'Branch' } });
    const wait = page.getByRole('button', { name: '1 new' });
    await wait.waitFor();
    assert.equal(await rows(page).count(), shown);
    await wait.click();
    await rows(page).nth(0).getByText('Branch').waitFor();
    await wait.waitFor({ state: 'detached' });
    await page.close();
  });

  it('keeps filters and the open entry in the address, and shows before and after', async () => {
    const page = await openActivity();
    await page.getByLabel('Kind').selectOption({ label: 'Network' });
    await page.waitForURL(/kind=network/);
    await page
      .getByRole('row', { name: /HQ Network changed/ })
      .getByRole('button')
      .click();
    await page.waitForURL(/entry=audit-/);
    await page.reload();
    const panel = page.getByRole('complementary');
    await panel.getByText('Berlin').waitFor();
    assert.equal(await rows(page).filter({ hasText: '=cmd()' }).count(), 0);
    await panel.getByRole('link', { name: 'Only this object' }).click();
    await page.getByRole('button', { name: 'Not only HQ Network' }).waitFor();
    assert.equal(await rows(page).count(), 2);
    await rows(page).nth(0).getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.close();
  });

  it('saves what the filters find as CSV', async () => {
    const page = await openActivity('/activity?kind=user');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    assert.equal(download.suggestedFilename(), 'activity.csv');
    assert.match(text, /"'=cmd\(\)"/);
    assert.doesNotMatch(text, /HQ Network/);
    await page.close();
  });
});
