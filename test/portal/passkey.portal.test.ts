import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Page } from 'playwright-core';
import { passkeyRoutes } from '../../src/contract/api/passkey.ts';
import { goodPassword, makePerson } from '../../src/controller/identity/test-people.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';
import { withAuthenticator } from './virtual-authenticator.ts';

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  await makePerson(stage.issuing.controller, { username: 'ada', role: 'OWNER' });
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

async function givePassword(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('ada');
  await page.getByRole('textbox', { name: 'Password' }).fill(goodPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const account = (page: Page) => page.getByRole('heading', { level: 1, name: 'Your account' });

it('a passkey is added, signs in alone and after the password, once for each challenge, and is removed', async () => {
  const { page, complaints } = await browser.open();
  await withAuthenticator(page);
  const answers: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === passkeyRoutes.signIn.path) answers.push(request.postData() ?? '');
  });
  await page.goto(`${stage.url}/account`);
  await givePassword(page);
  await account(page).waitFor();

  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('textbox', { name: 'Current password' }).last().fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name', { exact: true }).fill('laptop <b>');
  await page.getByRole('button', { name: 'Keep the passkey' }).click();
  await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
  await page.getByRole('button', { name: 'They are kept' }).click();
  await page.getByRole('row', { name: /laptop <b>/ }).waitFor();
  await page.getByText('10 recovery codes left').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);

  await signOut(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await account(page).waitFor();

  await signOut(page);
  await givePassword(page);
  await page.getByRole('heading', { name: 'Second factor' }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await account(page).waitFor();

  assert.equal(answers.length, 2);
  for (const answer of answers)
    assert.equal(await statusOf(page, passkeyRoutes.signIn.path, answer), 401, 'an answer counts once');

  await page.getByRole('button', { name: 'Remove laptop <b>' }).click();
  await page.getByRole('textbox', { name: 'Current password' }).last().fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('row', { name: /laptop <b>/ }).waitFor({ state: 'detached' });
  await signOut(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('alert').waitFor();
  await givePassword(page);
  await account(page).waitFor();
  assert.deepEqual(
    complaints.filter((line) => !/status of 401/.test(line)),
    [],
  );
  await page.close();
});

async function statusOf(page: Page, path: string, body: string): Promise<number> {
  const answer = await page.request.post(`${stage.url}${path}`, {
    headers: { 'content-type': 'application/json', 'x-causeway': '1', 'sec-fetch-site': 'same-origin' },
    data: body,
    timeout: 10_000,
  });
  return answer.status();
}
