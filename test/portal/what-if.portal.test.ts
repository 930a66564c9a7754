import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
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
  const { controller } = stage.issuing;
  const made = await call(controller, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18' }, { value: '10.0.64.0/24' }], connectors: [{ name: 'hq-1' }] },
  });
  hq = made.id;
  await reportSession(stage.issuing, { connector: made.connectors[0]?.id ?? '' }, { state: 'established' });
  await call(controller, userRoutes.create, { body: { username: 'bob', devices: [{ name: 'laptop' }] } });
  browser = await openBrowser();
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

it('a prefix that is taken away on trial: which flow breaks, before and after, in the address; nothing is changed', async () => {
  const { controller } = stage.issuing;
  const { page, complaints } = await openAt('/trace');
  await page.getByRole('button', { name: 'What if…' }).click();
  await page.getByLabel('Change', { exact: true }).selectOption('Remove a prefix');
  await page.getByLabel('Prefix').selectOption('10.0.64.0/24');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('heading', { name: /^1 flow (breaks|fails otherwise)$/ }).waitFor();
  const line = page.getByRole('listitem').filter({ hasText: 'HQ Network (10.0.64.0/24)' });
  const shown = await line.innerText();
  assert.match(shown, /Now\s.*With the change\s/s);
  const { page: other } = await openAt(page.url().slice(stage.url.length));
  await other.getByRole('listitem').filter({ hasText: 'HQ Network (10.0.64.0/24)' }).waitFor();
  assert.equal((await call(controller, networkRoutes.read, { id: hq })).routes.length, 2);
  await page.getByRole('link', { name: 'Make this change' }).click();
  await page.waitForURL(`${stage.url}/networks/${hq}?tab=subnets`);
  assert.deepEqual(complaints, []);
  await page.close();
  await other.close();
});

it('what cannot be is said at its field, and what the API refuses below the form', async () => {
  const { page } = await openAt('/trace?panel=what-if');
  await page.getByLabel('Change', { exact: true }).selectOption('Add a prefix');
  await page.getByLabel('Prefix').fill('10.1.0.1/24');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText(/did you mean 10\.1\.0\.0\/24\?/).waitFor();
  await page.getByLabel('Prefix').fill('10.0.1.0/24');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page
    .getByRole('alert')
    .getByText(/10\.0\.1\.0\/24/)
    .waitFor();
  await page.close();
});
