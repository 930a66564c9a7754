import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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
    await page.getByRole('textbox', { name: 'Filter by name or prefix' }).fill('10.0.0');
    await page.waitForURL(`${stage.url}/networks?q=10.0.0`);
    await page.reload();
    assert.equal(await page.getByRole('textbox', { name: 'Filter by name or prefix' }).inputValue(), '10.0.0');
    await page.getByRole('link', { name: 'HQ Network' }).click();
    await page.getByRole('link', { name: 'LAN routes' }).click();
    await page.waitForURL(/tab=lan/);
    await page.reload();
    await page.getByRole('heading', { name: 'Routes that the LAN needs' }).waitFor();
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
