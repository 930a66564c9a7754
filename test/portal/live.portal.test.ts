import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { eventHeartbeat_ms, eventStreamPath } from '../../src/contract/api/event.ts';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import { appendEvents } from '../../src/controller/store/model-transaction.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import { signIn } from './sign-in.ts';
import { openSilentProxy } from './silent-proxy.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
/** More than a browser opens connections to one server by HTTP/1.1. */
const tabs = 12;
const asked: string[] = [];
before(async () => {
  stage = await openStage();
  await addNetwork('HQ Network');
  browser = await openBrowser();
  browser.context.on('request', (request) => asked.push(new URL(request.url()).pathname));
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function addNetwork(name: string): Promise<void> {
  await call(stage.issuing.controller, networkRoutes.create, { body: { name, connectors: [{ name: `${name} 1` }] } });
}

async function openNetworks(): Promise<Page> {
  const { page } = await browser.open();
  await signIn(page, stage);
  await showNetworks(page);
  return page;
}

async function showNetworks(page: Page): Promise<void> {
  await page.goto(`${stage.url}/networks`);
  await page.getByRole('link', { name: 'HQ Network', exact: true }).waitFor();
}

/** What others add waits behind a button, so that nothing moves under the pointer. */
async function shown(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^\d+ new$/ }).click();
  await page.getByRole('link', { name, exact: true }).waitFor();
}

const streams = () => asked.filter((path) => path === eventStreamPath).length;

/** Nothing here reloads a page, and no timer reads the list of networks. */
describe('what happens is shown', () => {
  it('in each of twelve tabs, by one stream; when its tab is closed another one goes on', async () => {
    const first = await openNetworks();
    const others = await Promise.all(
      Array.from({ length: tabs - 1 }, async () => {
        const { page } = await browser.open();
        await showNetworks(page);
        return page;
      }),
    );
    await addNetwork('Branch');
    await Promise.all([first, ...others].map(async (page) => await shown(page, 'Branch')));
    assert.equal(streams(), 1);
    await first.close();
    await addNetwork('Warehouse');
    await Promise.all(others.map(async (page) => await shown(page, 'Warehouse')));
    assert.equal(streams(), 2);
    await Promise.all(others.map(async (page) => await page.close()));
  });

  it('with a few requests for a burst of events', async () => {
    const page = await openNetworks();
    await addNetwork('Before');
    await shown(page, 'Before');
    asked.length = 0;
    const { store } = stage.issuing.controller.deps;
    const event = { topic: 'network.moved', entity: 'network', entityId: 'none', payload: {} };
    for (let burst = 0; burst < 10; burst += 1) await appendEvents(store, new Array(100).fill(event));
    await addNetwork('After');
    await shown(page, 'After');
    const requests = asked.filter((path) => path === networkRoutes.list.path).length;
    assert.ok(requests <= 5, `${String(requests)} requests`);
    await page.close();
  });

  it('after the controller was away, with what happened meanwhile', async () => {
    const page = await openNetworks();
    const comeBack = await stage.goAway();
    await page.getByText('Reconnecting').waitFor();
    await addNetwork('Made meanwhile');
    await comeBack();
    await shown(page, 'Made meanwhile');
    await page.getByText('Reconnecting').waitFor({ state: 'detached' });
    await page.close();
  });

  it('after the network dropped packets and closed nothing, with what happened meanwhile', async () => {
    await using proxy = await openSilentProxy(Number(new URL(stage.url).port));
    const { page } = await browser.open();
    await page.clock.install();
    await signIn(page, stage);
    const opened = page.waitForResponse((response) => new URL(response.url()).pathname === eventStreamPath);
    await page.goto(`https://localhost:${String(proxy.port)}/networks`);
    await page.getByRole('link', { name: 'HQ Network', exact: true }).waitFor();
    await opened;
    const speak = proxy.fallSilent();
    await addNetwork('Made in silence');
    // Longer than two heartbeats and what follows them, on the page's clock alone.
    await page.clock.fastForward(4 * eventHeartbeat_ms);
    await page.getByText('Reconnecting').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Made in silence' }).count(), 0);
    speak();
    await shown(page, 'Made in silence');
    await page.getByText('Reconnecting').waitFor({ state: 'detached' });
    await page.close();
  });

  it('after the browser was offline, with what happened meanwhile', async () => {
    const page = await openNetworks();
    await browser.context.setOffline(true);
    await page.getByText('Offline', { exact: true }).waitFor();
    await addNetwork('Made while offline');
    await browser.context.setOffline(false);
    await shown(page, 'Made while offline');
    await page.getByText('Offline', { exact: true }).waitFor({ state: 'detached' });
    await page.close();
  });
});
