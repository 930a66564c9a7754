import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { userRoutes } from '../../src/contract/api/user.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
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
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

describe('groups', () => {
  it('a group is made, told what holds for its people, and gone once it has none', async () => {
    const { controller } = stage.issuing;
    const { page, complaints } = await browser.open();
    await signIn(page, stage);
    await page.goto(`${stage.url}/groups?panel=add`);
    const panel = page.getByRole('complementary');
    await panel.getByRole('textbox', { name: 'Name' }).fill('Staff');
    await panel.getByRole('button', { name: 'Add the group' }).click();
    await page.getByRole('complementary', { name: 'Staff' }).waitFor();
    await panel.getByLabel('Signing in at connect').selectOption({ label: 'At each connection' });
    await panel.getByLabel('Second factor').selectOption({ label: 'Demanded' });
    await panel.getByLabel('Devices per user').fill('0');
    await panel.getByRole('textbox', { name: 'Name' }).click();
    await panel.getByText('Devices per user is too small; allowed: at least 1.').waitFor();
    await panel.getByLabel('Devices per user').fill('2');
    await panel.getByRole('checkbox', { name: 'All regions, also those to come' }).uncheck();
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByText(/without any region/).waitFor();
    await panel.getByRole('group', { name: 'Regions' }).getByRole('checkbox').first().check();
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Staff.*By the local line.*At each connection/ }).waitFor();
    const made = (await call(controller, userGroupRoutes.list)).content.find(({ name }) => name === 'Staff');
    assert.deepEqual(
      [made?.connectAuth, made?.secondFactor, made?.maxDevice, made?.allRegionsIncluded, made?.vpnRegionIds.length],
      ['EVERY_TIME', 'REQUIRED', 2, false, 1],
    );
    // Internet access has one form, for groups, networks and hosts.
    await panel.getByRole('link', { name: 'Change' }).click();
    await page.getByRole('complementary', { name: 'Internet access of Staff' }).waitFor();
    await page.goBack();
    await page.getByRole('complementary', { name: 'Staff', exact: true }).waitFor();

    const { id } = await call(controller, userRoutes.create, { body: { username: 'bob', groupId: made?.id } });
    await page.reload();
    const remove = panel.getByRole('button', { name: 'Delete' });
    await panel.getByText('1 user is in it: move that one to another group first.').first().waitFor();
    assert.equal(await remove.getAttribute('aria-disabled'), 'true');
    await call(controller, userRoutes.remove, { id });
    await page.reload();
    await remove.click();
    await page.getByRole('dialog').getByText('Nobody is in "Staff", so nobody is cut off.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'Staff' }).waitFor({ state: 'detached' });
    // The browser tells of each refused request.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('status of 400')),
      [],
    );
    await page.close();
  });
});
