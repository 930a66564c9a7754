import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Tab } from './browser.ts';
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

async function openAt(path: string): Promise<Tab> {
  const tab = await browser.open();
  await signIn(tab.page, stage);
  await tab.page.goto(`${stage.url}${path}`);
  return tab;
}

describe('networks', () => {
  it('from nothing to the line that installs a connector, by keyboard', async () => {
    const { page, complaints } = await openAt('/');
    await page.getByRole('link', { name: 'Add a network' }).press('Enter');
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.waitFor();
    assert.equal(await name.evaluate('document.activeElement.name'), 'name');
    await page.keyboard.type('HQ Network');
    await page.keyboard.press('Tab');
    await page.keyboard.type('10.0.0.1/18');
    await page.keyboard.press('Tab');
    await page.getByText('Prefix cannot be used: 10.0.0.1/18 has host bits set; did you mean 10.0.0.0/18?').waitFor();
    await page.keyboard.type('hq-1');
    await page.keyboard.press('Enter');
    // The first field that is wrong has the focus.
    assert.equal(await name.evaluate('document.activeElement.name'), 'prefix');
    await page.getByRole('textbox', { name: 'Prefix', exact: true }).fill('10.0.0.0/18');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.getByRole('button', { name: 'Make the install line' }).press('Enter');
    await page.getByText(`${stage.url}/connector/install.sh`).waitFor();
    await page.getByText('Waiting for the machine').waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('what the API refuses is said at its field, and stays until it is changed', async () => {
    const { page } = await openAt('/networks?panel=add');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Overlapping');
    await page.getByRole('textbox', { name: 'Prefix', exact: true }).fill('10.0.1.0/24');
    await page.getByRole('textbox', { name: 'Connector', exact: true }).fill('o-1');
    await page.getByRole('button', { name: 'Add and install' }).click();
    await page.getByText(/overlaps 10\.0\.0\.0\/18/).waitFor();
    assert.equal(await page.evaluate('document.activeElement.name'), 'prefix');
    await page.getByRole('textbox', { name: 'Prefix', exact: true }).fill('10.9.0.0/24');
    await page.getByText(/overlaps/).waitFor({ state: 'detached' });
    await page.close();
  });

  it('a filter is in the address, and a link to it shows the same', async () => {
    const { page } = await openAt('/networks');
    const search = page.getByRole('textbox', { name: 'Search in the list' });
    await search.fill('hq-1');
    await page.getByText('1 in all').waitFor();
    await search.fill('10.0.0');
    await page.waitForURL(`${stage.url}/networks?q=10.0.0`);
    await page.getByRole('combobox', { name: 'State' }).selectOption('No connector');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('combobox', { name: 'State' }).selectOption('None online');
    await page.waitForURL(`${stage.url}/networks?q=10.0.0&state=offline`);
    await page.reload();
    assert.equal(await search.inputValue(), '10.0.0');
    await page.getByText('0 of 1 online').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    assert.match(await readFile(await file.path(), 'utf8'), /^"HQ Network","10\.0\.0\.0\/18","0 of 1 online","hq-1"\r?$/m);
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('link', { name: 'LAN routes' }).click();
    await page.waitForURL(/tab=lan/);
    await page.reload();
    await page.getByRole('heading', { name: 'Routes that the LAN needs' }).waitFor();
    await page.close();
  });

  it('columns are chosen by keyboard, kept in this browser, and what is saved follows them', async () => {
    const { page, complaints } = await openAt('/networks');
    const column = page.getByRole('columnheader', { name: 'Connectors' });
    await column.waitFor();
    await page.getByRole('button', { name: 'Columns' }).press('Enter');
    const choice = page.getByRole('checkbox', { name: 'Connectors' });
    await choice.press('Space');
    await column.waitFor({ state: 'detached' });
    assert.equal(await choice.isChecked(), false);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.keyboard.press('Escape');
    await choice.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('columnheader', { name: 'Prefixes' }).waitFor();
    assert.equal(await column.count(), 0);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    assert.match(await readFile(await file.path(), 'utf8'), /"Name","Prefixes","State"\r\n/);
    // Search looks in what is hidden too.
    await page.getByRole('textbox', { name: 'Search in the list' }).fill('hq-1');
    await page.getByRole('link', { name: 'HQ Network' }).waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await choice.click();
    await column.waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('columns are chosen where the browser lets nothing be kept, or has nonsense', async () => {
    const { page, complaints } = await browser.open();
    await signIn(page, stage);
    await page.addInitScript("localStorage.setItem('causeway-hidden-columns /api/v1/networks', '{nonsense')");
    await page.goto(`${stage.url}/networks`);
    await page.getByRole('columnheader', { name: 'Connectors' }).waitFor();
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('', 'SecurityError'); } })",
    );
    await page.reload();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Connectors' }).click();
    await page.getByRole('columnheader', { name: 'Connectors' }).waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('a routed network says which routes its LAN needs, in the words of its router', async () => {
    const { page, complaints } = await openAt('/networks');
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('link', { name: 'LAN routes' }).click();
    const route = page.getByRole('row', { name: /100\.96\.0\.0\/11/ });
    await route.getByRole('cell', { name: 'Useful' }).waitFor();
    await page.getByRole('radio', { name: /^Routed/ }).check();
    await page.getByText('1 router needs a new route to 100.96.0.0/11: HQ Network.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await route.getByRole('cell', { name: 'Required' }).waitFor();
    await page.getByLabel('Router or cloud of this LAN').selectOption({ label: 'MikroTik RouterOS 6 and 7' });
    await page.getByText('/ip route add dst-address=100.96.0.0/11').waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('what has to be in order is listed while its machine is awaited, and the way back is verified on demand', async () => {
    const { page, complaints } = await openAt('/networks');
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('button', { name: 'Install line' }).click();
    const progress = page.getByRole('list', { name: 'Progress' });
    for (const line of [
      'Waiting for the machine',
      'Forwarding: not checked yet',
      'Firewall: not checked yet',
      'Way back: not checked yet',
    ])
      await progress.getByText(line).waitFor();
    await page.getByLabel('Where it runs').selectOption({ label: 'A new instance in AWS' });
    await page.getByRole('button', { name: 'Make the install line' }).click();
    await page.getByText(/^#!\/bin\/sh\ncurl /).waitFor();
    await page.getByLabel('Where it runs').selectOption({ label: 'A router with OpenVPN' });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download a profile' }).click();
    assert.equal((await download).suggestedFilename(), 'hq-1.ovpn');
    await page.getByRole('link', { name: 'LAN routes' }).click();
    const wayBack = page.getByRole('list', { name: 'Way back' });
    await wayBack.getByText('Way back: not checked yet').waitFor();
    const asked = page.waitForResponse(/\/networks\/[^/]+\/checks$/);
    await page.getByRole('button', { name: 'Verify now' }).click();
    assert.equal((await asked).status(), 200);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('is renamed, and of two who do the second is told', async () => {
    const { page, complaints } = await openAt('/networks');
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('button', { name: 'Edit network' }).click();
    const id = /networks\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? '';
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('Mine');
    await call(stage.issuing.controller, networkRoutes.update, { id, body: { name: 'Theirs' } });
    await page.getByRole('status').getByText('Name: Theirs').waitFor();
    assert.equal(await name.inputValue(), 'Mine', 'nothing that was typed is lost');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor();
    await call(stage.issuing.controller, networkRoutes.update, { id, body: { name: 'HQ Network' } });
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.getByRole('link', { name: 'Trace to it' }).click();
    await page.waitForURL(/\/trace\?to=/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('is deleted after it was said what is cut, and its page leads to the others', async () => {
    const { page } = await openAt('/networks');
    const made = await call(stage.issuing.controller, networkRoutes.create, {
      body: { name: 'Gone', routes: [{ value: '10.66.0.0/16' }] },
    });
    await page.goto(`${stage.url}/networks/${made.id}?panel=edit`);
    await page.getByRole('button', { name: 'Delete network' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/Nobody reaches 10\.66\.0\.0\/16 of "Gone" any more/).waitFor();
    await dialog.getByRole('button', { name: 'Delete network' }).click();
    await page.getByRole('heading', { level: 1, name: 'Networks' }).waitFor();
    await page.getByRole('link', { name: 'Gone' }).waitFor({ state: 'detached' });
    await page.close();
  });

  it('removing says what is cut, can be called off, and then is done', async () => {
    const { page } = await openAt('/networks');
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/"hq-1" is the only connector of "HQ Network": nobody reaches the network any more/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No connector yet').waitFor();
    await page.close();
  });

  it('an address that is typed into the search finds its network', async () => {
    const { page } = await openAt('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('10.0.63.255');
    await page.getByRole('option', { name: /HQ Network/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.close();
  });

  it('while the controller is away the page says so, and goes on when it is back', async () => {
    const { page } = await openAt('/networks');
    await page.getByRole('link', { name: 'HQ Network' }).waitFor();
    await browser.context.setOffline(true);
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByText('The page goes on by itself when the controller answers').waitFor();
    await browser.context.setOffline(false);
    await page.getByRole('heading', { level: 1, name: 'HQ Network' }).waitFor();
    await page.close();
  });

  it('a network that is not there is said to be so, with the request’s id', async () => {
    const { page } = await openAt('/networks/00000000-0000-4000-8000-000000000000');
    await page.getByRole('heading', { level: 1, name: 'This is not there' }).waitFor();
    await page.getByText(/^Request [0-9a-f-]{36}$/).waitFor();
    await page.close();
  });
});
