import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { networkConnectorRoutes } from '../../src/contract/api/connector.ts';
import { deviceRoutes } from '../../src/contract/api/device.ts';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
let hq: string;
before(async () => {
  stage = await openStage();
  browser = await openBrowser();
  const { controller } = stage.issuing;
  const made = await call(controller, networkRoutes.create, {
    body: { name: 'HQ <b>Network</b>', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }] },
  });
  hq = made.id;
  const connector = made.connectors[0]?.id ?? '';
  await call(controller, networkConnectorRoutes.profile, { id: connector });
  await reportSession(stage.issuing, { connector }, { state: 'established', lane: 'c0' });
  for (const username of ['bob', 'ada']) {
    const { id: user, devices } = await call(controller, userRoutes.create, {
      body: { username, devices: [{ name: 'laptop' }, { name: 'phone' }] },
    });
    for (const { id } of devices) {
      await call(controller, deviceRoutes.profile, { id });
      await reportSession(stage.issuing, { device: id, user }, { state: 'established' });
    }
  }
  // What a gateway says counts for some seconds; this one has nobody who says it again.
  await controller.deps.store.database
    .updateTable('gateway')
    .set({ reported_at: new Date(Date.now() + 86_400_000) })
    .execute();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function openAt(path: string): Promise<Tab> {
  const tab = await browser.open();
  await signIn(tab.page, stage);
  await tab.page.goto(`${stage.url}${path}`);
  return tab;
}

async function online(): Promise<number> {
  const { content } = await call(stage.issuing.controller, userRoutes.list);
  return content.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
}

it('a form says what saving does while it is filled in, and nothing while nothing changes', async () => {
  const { page, complaints } = await openAt(`/networks/${hq}?tab=subnets`);
  const said = page.getByRole('status', { name: 'What this does to live traffic' });
  await page.getByLabel('Prefix').fill('10.77.0.0/16');
  await said.getByText('2 people gain access to 10.77.0.0/16 at once.').waitFor();
  await said
    .getByText('4 connections will be reset, and are back after one to three seconds: 2 people with 4 devices.')
    .waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByLabel('Prefix').fill('');
  await said.waitFor({ state: 'hidden' });
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByLabel('Prefix').fill('10.77.0.0/16');
  await said.getByText('2 people gain access').waitFor();
  assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth'));
  assert.deepEqual(complaints, []);
  await page.close();
});

it('who is said to be cut off is who is gone afterwards', async () => {
  const before = await online();
  const { page, complaints } = await openAt('/users');
  await page.getByRole('row', { name: /bob/ }).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 person with 2 devices is disconnected, and not let in any more.').waitFor();
  assert.equal(await online(), before, 'asking has deleted somebody');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(before - (await online()), 1);
  assert.deepEqual(complaints, []);
  await page.close();
});

it('removing the only connector says who loses what', async () => {
  const { page } = await openAt(`/networks/${hq}`);
  await page.getByRole('button', { name: 'Remove' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 connector is disconnected, and not let in any more.').waitFor();
  await dialog.getByText('1 person loses access to 10.0.0.0/18 now.').waitFor();
  await page.close();
});
