import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { reportMachine } from './example-wpc.ts';
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

async function openAt(path: string): Promise<Tab> {
  const tab = await browser.open();
  await signIn(tab.page, stage);
  await tab.page.goto(`${stage.url}${path}`);
  return tab;
}

it('where a flow is not possible yet, what is missing leads to where it is made', async () => {
  const { page, complaints } = await openAt('/learn?flow=sites');
  await page.getByText('it takes two networks, each with a prefix and a connector.').waitFor();
  await page.getByRole('link', { name: 'A person reaches the internet' }).click();
  await page.getByText('no network is an internet gateway.').waitFor();
  await page.getByRole('link', { name: 'A person reaches a server' }).click();
  await page.getByRole('link', { name: 'Add a network' }).click();
  await page.waitForURL(`${stage.url}/networks?panel=add`);
  assert.deepEqual(complaints, []);
  await page.close();
});

it('a flow is walked through by buttons and arrow keys, and its place is in the address', async () => {
  const { controller } = stage.issuing;
  const hq = await call(controller, networkRoutes.create, {
    body: { name: 'HQ <b>Network</b>', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }] },
  });
  const bob = await call(controller, userRoutes.create, { body: { username: 'bob', devices: [{ name: 'laptop' }] } });
  await reportSession(stage.issuing, { connector: hq.connectors[0]?.id ?? '' }, { state: 'established' });
  await reportMachine(stage.issuing, hq.connectors[0]?.id ?? '', hq.connectors[0]?.ipV4Address ?? '', true);
  await reportSession(stage.issuing, { device: bob.devices[0]?.id ?? '' }, { state: 'established' });
  const { page, complaints } = await openAt('/learn');
  assert.equal(await page.getByLabel('To', { exact: true }).inputValue(), 'network:HQ <b>Network</b>');
  await page.getByRole('button', { name: 'Show the flow' }).click();
  await page.getByText(/^Step 1 of \d+ · Request · Device/).waitFor();
  await page.getByText('With split tunnel on, the device has routes for the WPC').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Previous' }).isDisabled(), true);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText(/^Step 2 of /).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByText(/^Step 1 of /).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByText(/^Step 2 of /).waitFor();
  await page.reload();
  await page.getByText(/^Step 2 of /).waitFor();
  const suppose = page.getByLabel('Suppose that');
  await suppose.selectOption({ label: 'the connector does not forward' });
  await page.getByText('FWD-OFF').first().waitFor();
  await page.getByText(/^Step 3 of 3 · Request · Connector/).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await suppose.selectOption({ label: 'there is no NAT on the connector, and no route on the router' });
  await page.getByText('NAT-OFF-NO-ROUTE').first().waitFor();
  await page.getByText(/· Response · Router$/).waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth'));
  await page.reload();
  await page.getByText('NAT-OFF-NO-ROUTE').first().waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByLabel('Suppose that').selectOption({ label: 'everything is as it is' });
  await page.getByText(/^Step 1 of /).waitFor();
  await page.getByRole('link', { name: 'Which flows would end without NAT on this connector' }).click();
  await page.getByText(/^Checked: /).waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'Open as a trace, with what mends it' }).click();
  await page.getByRole('region', { name: 'The way of request and response' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.close();
});
