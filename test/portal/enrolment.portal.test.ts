import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Page } from 'playwright-core';
import { invitationRoutes } from '../../src/contract/api/invitation.ts';
import { settingRoutes } from '../../src/contract/api/setting.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
import { demandSecondFactor, goodPassword, makePerson, unbase32 } from '../../src/controller/identity/test-people.ts';
import { totpCode, totpStep } from '../../src/controller/identity/totp.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import { signIn, signInAs } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';
import { withAuthenticator } from './virtual-authenticator.ts';

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

/** Answers of the API that refuse are what Chromium writes of itself; everything else is a fault of ours. */
function faults(complaints: readonly string[]): readonly string[] {
  return complaints.filter((complaint) => !/the server responded with a status of 4\d\d/.test(complaint));
}

const asked = (page: Page) => page.getByRole('heading', { level: 1, name: 'Add a second factor' });

/** addApp goes through the page as its person does, to the codes that are shown once. */
async function addApp(page: Page, password: string): Promise<void> {
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page.getByRole('textbox', { name: 'Current password' }).fill(password);
  await page.getByRole('button', { name: 'Continue' }).click();
  const secret = (await page.getByLabel('Secret').innerText()).trim();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByLabel('Code', { exact: true }).fill(totpCode(unbase32(secret), totpStep(new Date())));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.getByRole('list', { name: 'Recovery codes' });
  await codes.waitFor();
  assert.equal(await codes.getByRole('listitem').count(), 10);
}

it('whoever is invited into a group that demands one sets a password, adds it, and then has the own page', async () => {
  const { controller } = stage.issuing;
  const { id: groupId } = await call(controller, userGroupRoutes.create, { body: { name: 'Strict', secondFactor: 'REQUIRED' } });
  const { invitation } = await call(controller, invitationRoutes.createUser, {
    body: { username: 'bob@example.com', groupId, invite: true },
  });
  const { page, complaints } = await browser.open();
  await page.goto(invitation?.link ?? 'about:blank');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Begin' }).click();
  await asked(page).waitFor();
  await page.getByText('bob@example.com').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  // A reload goes round nothing.
  await page.reload();
  await asked(page).waitFor();
  await addApp(page, goodPassword);
  await page.getByRole('button', { name: 'They are kept' }).click();
  await page.getByRole('heading', { name: 'Your devices' }).waitFor();
  await page.getByText('A second factor is demanded of you, and this is the last one').first().waitFor();
  assert.deepEqual(faults(complaints), []);
  await page.context().clearCookies();
  await page.close();
});

it('a demand that is made while a page is open is seen there at once, and its address is kept', async () => {
  const { controller } = stage.issuing;
  const carol = await makePerson(controller, { username: 'carol', role: 'ADMIN' });
  const { page, complaints } = await browser.open();
  await signInAs(page, stage, carol);
  await page.goto(`${stage.url}/users?q=carol`);
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  await demandSecondFactor(controller, carol);
  await asked(page).waitFor();
  assert.equal(page.url(), `${stage.url}/users?q=carol`);
  await addApp(page, goodPassword);
  await page.getByRole('button', { name: 'They are kept' }).click();
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  assert.deepEqual(faults(complaints), []);
  await page.context().clearCookies();
  await page.close();
});

it('a passkey does as well, and the page of a link to connect waits until it is there', async () => {
  const { controller } = stage.issuing;
  const dave = await makePerson(controller, { username: 'dave' });
  await demandSecondFactor(controller, dave);
  const { page, complaints } = await browser.open();
  await withAuthenticator(page);
  await signInAs(page, stage, dave);
  const link = `${stage.url}/c/${'A'.repeat(22)}`;
  await page.goto(link);
  await asked(page).waitFor();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('textbox', { name: 'Current password' }).fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name', { exact: true }).fill('laptop');
  await page.getByRole('button', { name: 'Keep the passkey' }).click();
  await page.getByRole('button', { name: 'They are kept' }).click();
  await page.getByRole('heading', { level: 1, name: 'Connect a device' }).waitFor();
  await page.getByText(/^This link leads to no connection of yours that waits/).waitFor();
  assert.equal(page.url(), link);
  assert.deepEqual(faults(complaints), []);
  await page.context().clearCookies();
  await page.close();
});

it('an owner who demands it of everybody adds one first; trusting browsers is no longer offered where it is not allowed', async () => {
  const { controller } = stage.issuing;
  const { page, complaints } = await browser.open();
  await signIn(page, stage);
  await page.goto(`${stage.url}/settings`);
  await page.getByLabel('Trusted browsers', { exact: true }).selectOption('Not allowed');
  await page.getByRole('button', { name: 'Save: Trusted browsers' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.equal(await call(controller, settingRoutes['auth/trusted-devices-allowed'].read), false);
  await page.getByLabel('Second factor', { exact: true }).selectOption('Demanded of everybody');
  await page.getByRole('button', { name: 'Save: Second factor' }).click();
  await asked(page).waitFor();
  assert.equal(await call(controller, settingRoutes['auth/two-factor-auth'].read), true);
  await addApp(page, goodPassword);
  await page.getByRole('button', { name: 'They are kept' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('User name').fill('ada@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill(goodPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Second factor' }).waitFor();
  assert.equal(await page.getByRole('checkbox').count(), 0);
  assert.deepEqual(faults(complaints), []);
  await page.context().clearCookies();
  await page.close();
});
