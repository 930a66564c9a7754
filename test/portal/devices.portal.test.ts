import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { userRoutes } from '../../src/contract/api/user.ts';
import { systemActor } from '../../src/controller/principal.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import { inModelTransaction } from '../../src/controller/store/model-transaction.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { endProfileIn } from './end-profile.ts';
import { signIn } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

/** What a list has to bear. */
const many = 5_000;
/** More rows than that in the DOM, and a browser is slow with it. */
const mostDrawn = 100;

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  const { controller } = stage.issuing;
  const { id } = await call(controller, userRoutes.create, { body: { username: 'bob' } });
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    await sql`
      with made as (
        insert into device (user_id, name)
        select ${id}::uuid, 'laptop ' || n from generate_series(1, ${many}::int) n returning id
      )
      insert into tunnel_address (address, device_id)
      select inet '100.100.0.0' + row_number() over (), id from made`.execute(trx);
    record({ entity: 'user', entityId: id, action: 'updated' });
  });
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

describe('devices', () => {
  it('thousands are listed, found and gone through by keyboard, with few of them in the DOM', async () => {
    const { page, complaints } = await openAt('/devices');
    const rows = page.locator('tr[aria-rowindex]');
    await page.getByText('5,000 in all').waitFor();
    const drawn = await rows.count();
    assert.ok(drawn > 10 && drawn < mostDrawn, `${String(drawn)} rows are drawn`);
    assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), String(many + 1));
    await page.getByRole('link', { name: 'laptop 1', exact: true }).press('ArrowDown');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'laptop 2');
    await page.keyboard.press('End');
    // Its page is read now, and then it has the focus.
    const focused = page.locator('tr[aria-rowindex]:focus-within');
    await focused.getByText(`laptop ${String(many)}`, { exact: true }).waitFor();
    assert.equal(await focused.getAttribute('aria-rowindex'), String(many + 1));
    await page.keyboard.press('PageUp');
    await focused.getByText(`laptop ${String(many - 15)}`, { exact: true }).waitFor();
    assert.ok((await rows.count()) < mostDrawn);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole('textbox', { name: 'Search in the list' }).fill('laptop 4999');
    await page.getByText('1 of 5,000').waitFor();
    await page.getByRole('link', { name: 'laptop 4999' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('of thousands the server sorts and searches; all that match are saved and selected, not only what has been read', async () => {
    const { page, complaints } = await openAt('/devices?sort=-name&q=laptop%201');
    // laptop 1, 10 to 19, 100 to 199, 1000 to 1999.
    const found = 1_111;
    await page.getByText(`1,111 of 5,000`).waitFor();
    await page.getByRole('link', { name: 'laptop 1999' }).waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, found + 1);
    assert.equal(new Set(lines).size, found + 1);
    assert.match(lines[1] ?? '', /^"laptop 1999","bob"/);
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).click();
    await page.getByText('1,111 selected').waitFor();
    await page.getByRole('checkbox', { name: 'Select laptop 1999' }).click();
    await page.getByText('1,110 selected').waitFor();
    await page.getByRole('textbox', { name: 'Search in the list' }).fill('laptop 2');
    await page.getByText('selected').waitFor({ state: 'detached' });
    await page.goto(`${stage.url}/devices?sort=nothing&state=nothing`);
    await page.getByRole('link', { name: 'laptop 1', exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Platform' }).selectOption('Linux');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('combobox', { name: 'Platform' }).selectOption('Every platform');
    await page.getByRole('combobox', { name: 'State' }).selectOption('Connected');
    await page.getByText('Nothing matches').waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('one of thousands is opened by its address, wherever it is in the list', async () => {
    const { database } = stage.issuing.controller.deps.store;
    const { id } = await database.selectFrom('device').select('id').where('name', '=', 'laptop 4321').executeTakeFirstOrThrow();
    const { page } = await openAt(`/devices?id=${id}`);
    await page.getByRole('complementary', { name: 'laptop 4321' }).waitFor();
    await page.close();
  });

  it('a device is added to a user, gets a profile and another name', async () => {
    await call(stage.issuing.controller, userRoutes.create, { body: { username: 'carol' } });
    const { page } = await openAt('/devices?panel=add&user=carol&q=phone');
    const panel = page.getByRole('complementary');
    const user = panel.getByRole('combobox', { name: 'User' });
    assert.equal(await user.inputValue(), 'carol');
    await user.fill('nobody');
    await panel.getByRole('textbox', { name: 'Name' }).fill('phone');
    await panel.getByRole('button', { name: 'Add the device' }).click();
    await panel.getByText('User is not the name of a user.').waitFor();
    await user.fill('carol');
    await panel.getByRole('button', { name: 'Add the device' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      panel.getByRole('button', { name: 'Download a profile' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'phone.ovpn');
    await panel.getByText('Not connected').waitFor();
    await panel.getByRole('textbox', { name: 'Name' }).fill('pixel');
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('complementary', { name: 'pixel' }).waitFor();
    await page.close();
  });

  it('a profile that ends soon is told in the list and of the device', async () => {
    const { database } = stage.issuing.controller.deps.store;
    const { id } = await database.selectFrom('device').select('id').where('name', '=', 'pixel').executeTakeFirstOrThrow();
    await endProfileIn(stage.issuing, id, 12);
    const { page } = await openAt('/devices?q=pixel');
    await page.getByRole('row', { name: 'pixel' }).getByText('in 12 days').waitFor();
    await page.getByRole('link', { name: 'pixel' }).click();
    await page.getByRole('complementary', { name: 'pixel' }).getByText('in 12 days').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.close();
  });

  it('revoking and deleting say what is cut', async () => {
    const { page } = await openAt('/devices?q=pixel');
    await page.getByRole('link', { name: 'pixel' }).click();
    const panel = page.getByRole('complementary', { name: 'pixel' });
    const dialog = page.getByRole('dialog');
    await panel.getByRole('button', { name: 'Revoke profiles' }).click();
    await dialog.getByText('No profile of "pixel" of carol works any more.').waitFor();
    await dialog.getByRole('button', { name: 'Revoke profiles' }).click();
    await panel.getByText('No profile').waitFor();
    await panel.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('0 connections will be reset.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches').waitFor();
    await page.close();
  });
});
