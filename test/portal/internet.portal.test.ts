import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
let hq: string;
let staff: string;
before(async () => {
  stage = await openStage();
  const { controller } = stage.issuing;
  ({ id: hq } = await call(controller, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }] },
  }));
  ({ id: staff } = await call(controller, userGroupRoutes.create, { body: { name: 'Staff' } }));
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

describe('internet access', () => {
  it('a network becomes an internet gateway on its page, and what happened stands in its activity', async () => {
    const { page, complaints } = await openAt(`/networks/${hq}?tab=internet`);
    await page.getByRole('radio', { name: /^Internet gateway/ }).check();
    await page.getByText('0 connections will be reset.').waitFor();
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText(/^This network is an internet gateway/).waitFor();
    await page.getByRole('navigation', { name: 'Parts of the network' }).getByRole('link', { name: 'Activity' }).click();
    await page.waitForURL(/tab=activity/);
    await page.getByRole('row', { name: /Network HQ Network changed/ }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('a group is sent through an internet gateway, with a prefix past the tunnel', async () => {
    const { controller } = stage.issuing;
    const { page } = await openAt('/internet');
    await page
      .getByRole('row', { name: /User group.*Staff.*By the local line/ })
      .getByRole('button', { name: 'Change' })
      .click();
    await page.waitForURL(/change=/);
    await page.getByRole('radio', { name: /^By internet gateways/ }).check();
    await page.getByRole('checkbox', { name: 'HQ Network' }).check();
    const bypass = page.getByLabel('Past the tunnel');
    await bypass.fill('10.0.1.0/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/overlaps 10\.0\.0\.0\/18/).waitFor();
    await bypass.fill('192.168.178.1/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/did you mean 192\.168\.178\.0\/24\?/).waitFor();
    await bypass.fill('192.168.178.0/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Staff.*By internet gateways.*HQ Network.*192\.168\.178\.0\/24/ }).waitFor();
    const { internetAccess, gatewaysIds, tunnelBypass } = await call(controller, userGroupRoutes.read, { id: staff });
    assert.deepEqual([internetAccess, gatewaysIds, tunnelBypass.ipv4Subnets], ['SPLIT_TUNNEL_OFF', [hq], ['192.168.178.0/24']]);
    await page.close();
  });

  it('the second of two who change one group is told, and what the first did to another field stays', async () => {
    const { controller } = stage.issuing;
    const { page } = await openAt(`/internet?change=user-group:${staff}`);
    await page.getByLabel('Past the tunnel').fill('192.168.179.0/24');
    await call(controller, userGroupRoutes.update, { id: staff, body: { tunnelBypass: { ipv4Subnets: ['192.168.180.0/24'] } } });
    await page.getByText('Changed by somebody else since you opened it').waitFor();
    await page.getByText('Past the tunnel: 192.168.180.0/24').waitFor();
    await page.getByRole('button', { name: 'Take what stands now' }).click();
    assert.equal(await page.getByLabel('Past the tunnel').inputValue(), '192.168.180.0/24');
    await page.close();
  });

  it('an internet gateway that somebody names is not taken away, and the page says who', async () => {
    const { page } = await openAt(`/networks/${hq}?tab=internet`);
    await page.getByRole('radio', { name: /^No internet gateway/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .getByText(/internet gateway of user group "?Staff/)
      .waitFor();
    await page.reload();
    await page.getByRole('radio', { name: /^Internet gateway/, checked: true }).waitFor();
    await page.close();
  });

  it('back to the local line, what only the other modes have is taken away', async () => {
    const { controller } = stage.issuing;
    const { page } = await openAt(`/internet?change=user-group:${staff}`);
    await page.getByRole('radio', { name: /^By the local line/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Staff.*By the local line/ }).waitFor();
    const { gatewaysIds, tunnelBypass } = await call(controller, userGroupRoutes.read, { id: staff });
    assert.deepEqual([gatewaysIds, tunnelBypass.ipv4Subnets], [[], []]);
    await page.close();
  });
});
