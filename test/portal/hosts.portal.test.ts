import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostRoutes } from '../../src/contract/api/host.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
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
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

describe('hosts', () => {
  it('a host is added, its machine comes, and it is deleted with what it has', async () => {
    const { controller } = stage.issuing;
    const { page, complaints } = await browser.open();
    await signIn(page, stage);
    await page.goto(`${stage.url}/hosts`);
    await page.getByRole('button', { name: 'Add a host' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByRole('textbox', { name: 'Name' }).fill('db');
    await page.keyboard.press('Enter');
    await panel.getByRole('button', { name: 'Make the install line' }).click();
    await panel.getByText(`${stage.url}/connector/install.sh`).waitFor();
    await panel.getByText('Waiting for the machine').waitFor();
    const { content } = await call(controller, hostRoutes.list);
    await reportSession(stage.issuing, { connector: content[0]?.connectors[0]?.id ?? '' }, { state: 'established' });
    await panel.getByText(/Tunnel up to/).waitFor();
    await page.getByRole('link', { name: 'db' }).click();
    await panel.getByRole('textbox', { name: 'Description' }).fill('PostgreSQL');
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'PostgreSQL' }).waitFor();
    await panel.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/"db" is the only connector of "db": nobody reaches the host any more/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Delete the host' }).click();
    // The session that was reported has no certificate of ours, so it counts as ended already (impact.portal.test.ts has real ones).
    await dialog.getByText('0 connections will be reset.').waitFor();
    await dialog.getByRole('button', { name: 'Delete the host' }).click();
    await page.getByText('No hosts yet').waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
