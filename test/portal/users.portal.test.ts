import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { deviceRoutes } from '../../src/contract/api/device.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { makePerson } from '../../src/controller/identity/test-people.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { changeSent } from './change-sent.ts';
import { signIn, signInAs } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
let bob = '';
before(async () => {
  stage = await openStage();
  const { controller } = stage.issuing;
  const made = await call(controller, userRoutes.create, {
    body: { username: 'bob', firstName: 'Bob', devices: [{ name: 'laptop' }, { name: 'phone' }] },
  });
  bob = made.id;
  // What gateways say counts for 30 seconds, and nobody says it again.
  const { database } = controller.deps.store;
  await database
    .updateTable('gateway')
    .set({ reported_at: new Date(Date.now() + 86_400_000) })
    .execute();
  // A session without a certificate of ours counts as ended already.
  await call(controller, deviceRoutes.profile, { id: made.devices[0]?.id ?? '' });
  await reportSession(stage.issuing, { device: made.devices[0]?.id ?? '' }, { state: 'established' });
  await call(controller, userRoutes.create, { body: { username: '=cmd|x' } });
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

describe('users', () => {
  it('a user is added by keyboard with a link to hand over, and the row is there', async () => {
    const { page, complaints } = await openAt('/users');
    await page.getByRole('button', { name: 'Add a user' }).press('Enter');
    await page.keyboard.type('carol@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('carol');
    await page.keyboard.press('Tab');
    await page.getByText('Mail address is not a mail address').waitFor();
    const mail = page.getByRole('textbox', { name: 'Mail address' });
    await mail.fill('carol@example.com');
    await mail.press('Enter');
    await page.getByText(/\/invitation#[\w-]{43}$/).waitFor();
    await page
      .getByRole('row', { name: /carol@example\.com/ })
      .getByText('Invited')
      .waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('search, filter and order are in the address, and a link to it shows the same', async () => {
    const { page } = await openAt('/users');
    const search = page.getByRole('textbox', { name: 'Search in the list' });
    await search.fill('o');
    await page.getByRole('combobox', { name: 'Role' }).selectOption('Member');
    await page.getByRole('button', { name: 'User name' }).click();
    await page.waitForURL(`${stage.url}/users?q=o&role=MEMBER&sort=-username`);
    await page.reload();
    assert.equal(await search.inputValue(), 'o');
    const names = page.locator('[data-row-link]');
    await names.first().waitFor();
    assert.deepEqual(await names.allTextContents(), ['carol@example.com', 'bob']);
    await page.close();
  });

  it('of two who change one user the second is told, before it is saved too, and loses nothing of either', async () => {
    const { controller } = stage.issuing;
    const change = async (body: object) => await call(controller, userRoutes.update, { id: bob, body });
    const { page } = await browser.open();
    await signIn(page, stage);
    await page.goto(`${stage.url}/users?id=${bob}`);
    const first = page.getByRole('textbox', { name: 'First name' });
    const save = page.getByRole('button', { name: 'Save' });
    const told = page.getByText('Changed by somebody else since you opened it');
    await first.fill('Robert');
    await change({ firstName: 'Bobby', lastName: 'Tables' });
    await told.waitFor();
    await page.getByText('First name: Bobby').waitFor();
    assert.equal(await first.inputValue(), 'Robert');
    await Promise.all([changeSent(page), save.click()]);
    await told.waitFor({ state: 'detached' });
    const { firstName, lastName } = await call(controller, userRoutes.read, { id: bob });
    assert.deepEqual([firstName, lastName], ['Robert', 'Tables']);
    // What they changed stands in the form now, so saving again undoes nothing.
    const last = page.getByRole('textbox', { name: 'Last name' });
    await awaitCondition('the form shows what they changed', async () => (await last.inputValue()) === 'Tables');
    await first.fill('Bert');
    await Promise.all([changeSent(page), save.click()]);
    assert.equal((await call(controller, userRoutes.read, { id: bob })).lastName, 'Tables');

    // A page that hears of nothing asks before it saves.
    await page.route('**/events/stream*', async (route) => await route.abort());
    await page.reload();
    await first.fill('Rob');
    await change({ firstName: 'Bobby' });
    await save.click();
    await page.getByText('First name: Bobby').waitFor();
    assert.equal((await call(controller, userRoutes.read, { id: bob })).firstName, 'Bobby');
    await page.getByRole('button', { name: 'Take what stands now' }).click();
    await told.waitFor({ state: 'detached' });
    assert.equal(await first.inputValue(), 'Bobby');
    await change({ firstName: 'Bob', lastName: 'Builder' });
    await page.close();
  });

  it('further groups are searched by the server, taken and taken away by keyboard', async () => {
    const { controller } = stage.issuing;
    const names = ['Auditors', 'Field', 'Field service'];
    const [auditors, , service] = await Promise.all(
      names.map(async (name) => (await call(controller, userGroupRoutes.create, { body: { name } })).id),
    );
    const furtherGroups = async () => (await call(controller, userRoutes.read, { id: bob })).secondaryGroupIds;
    const { page, complaints } = await openAt(`/users?id=${bob}`);
    const panel = page.getByRole('complementary', { name: 'bob' });
    const picker = panel.getByRole('combobox', { name: 'Further groups' });
    const offered = panel.getByRole('listbox', { name: 'Further groups' });
    await picker.fill('AUDIT');
    await offered.getByRole('option', { name: 'Auditors' }).waitFor();
    await picker.press('Enter');
    await panel.getByRole('button', { name: 'Take Auditors away' }).waitFor();
    await picker.fill('field');
    await offered.getByRole('option', { name: 'Field service' }).waitFor();
    await picker.press('ArrowDown');
    assert.deepEqual(await accessibilityProblems(page), []);
    await picker.press('Enter');
    await picker.press('Escape');
    await Promise.all([changeSent(page), panel.getByRole('button', { name: 'Save' }).click()]);
    assert.deepEqual(await furtherGroups(), [auditors, service]);
    await panel.getByRole('button', { name: 'Take Auditors away' }).click();
    await Promise.all([changeSent(page), panel.getByRole('button', { name: 'Save' }).click()]);
    assert.deepEqual(await furtherGroups(), [service]);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('the CSV holds what is shown, and no formula', async () => {
    const { page } = await openAt('/users?q=%3Dcmd');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    assert.equal(file.suggestedFilename(), 'Users.csv');
    const [head, row, ...more] = (await readFile(await file.path(), 'utf8')).split('\r\n');
    assert.match(head ?? '', /"User name","Name"/);
    assert.match(row ?? '', /^"'=cmd\|x",/);
    assert.deepEqual(more, ['']);
    await page.close();
  });

  it('a change that somebody else makes meanwhile stays, and new rows wait', async () => {
    const { page } = await openAt(`/users?id=${bob}`);
    const panel = page.getByRole('complementary', { name: 'bob' });
    await panel.getByRole('textbox', { name: 'First name' }).fill('Robert');
    await call(stage.issuing.controller, userRoutes.update, { id: bob, body: { lastName: 'Builder' } });
    await call(stage.issuing.controller, userRoutes.create, { body: { username: 'aaron' } });
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Robert Builder' }).waitFor();
    await page.getByRole('button', { name: '1 new' }).click();
    await page.getByRole('link', { name: 'aaron' }).waitFor();
    await page.close();
  });

  it('suspending and deleting say what is cut, and several are done at once', async () => {
    const { page } = await openAt(`/users?id=${bob}`);
    const panel = page.getByRole('complementary', { name: 'bob' });
    const dialog = page.getByRole('dialog');
    await panel.getByRole('button', { name: 'Suspend' }).click();
    await dialog.getByText('1 person is disconnected, and not let in any more.').waitFor();
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await panel.getByRole('button', { name: 'Activate' }).waitFor();
    await panel.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('checkbox', { name: 'Select bob' }).check();
    await page.getByRole('checkbox', { name: 'Select aaron' }).check();
    await page.getByRole('group', { name: 'With what is selected' }).getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('2 users can never sign in again: aaron, bob.').waitFor();
    await dialog.getByText('2 devices go with it; their profiles never work again.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'bob' }).waitFor({ state: 'detached' });
    assert.equal((await call(stage.issuing.controller, deviceRoutes.list)).totalElements, 0);
    await page.close();
  });

  it('what an administrator may not do is disabled, with the reason', async () => {
    const { controller } = stage.issuing;
    const admin = await makePerson(controller, { username: 'admin', role: 'ADMIN', password: null });
    const tab = await browser.open();
    await signInAs(tab.page, stage, admin);
    await tab.page.goto(`${stage.url}/users?q=ada`);
    await tab.page.getByRole('link', { name: 'ada@example.com' }).click();
    const panel = tab.page.getByRole('complementary', { name: 'ada@example.com' });
    const reason = "An OWNER is changed only by an OWNER, or on the controller's own machine.";
    await panel.getByRole('note').getByText(reason).waitFor();
    assert.equal(await panel.getByRole('textbox', { name: 'First name' }).isDisabled(), true);
    const remove = panel.getByRole('button', { name: 'Delete', description: reason });
    assert.equal(await remove.getAttribute('aria-disabled'), 'true');
    await remove.click({ force: true });
    assert.equal(await tab.page.getByRole('dialog').count(), 0);
    await tab.page.getByRole('button', { name: 'Add a user' }).click();
    const owner = tab.page.getByRole('complementary').getByRole('option', { name: 'Owner' });
    assert.equal(await owner.isDisabled(), true);
    await tab.page.getByText('The role ADMIN is given only by an OWNER').waitFor();
    await tab.page.close();
  });
});
