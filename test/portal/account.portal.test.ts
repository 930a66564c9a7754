import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { makePasswordLink } from '../../src/controller/identity/password-links.ts';
import { makePerson, unbase32 } from '../../src/controller/identity/test-people.ts';
import { totpCode, totpStep } from '../../src/controller/identity/totp.ts';
import { systemActor } from '../../src/controller/principal.ts';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  await makePerson(stage.issuing.controller, { ...ada, email: ada.username, role: 'OWNER' });
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

const ada = { username: 'ada@example.com', password: 'a lighthouse keeps no secrets' };
const next = 'a lighthouse keeps one secret';

async function fillSignIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('User name').fill(ada.username);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** Answers of the API that refuse are what Chromium writes of itself; everything else is a fault of ours. */
function faults(complaints: readonly string[]): readonly string[] {
  return complaints.filter((complaint) => !/the server responded with a status of 4\d\d/.test(complaint));
}

/** The steps are one story: each begins where the one before has ended. */
describe('an owner', () => {
  let secret = '';
  let codes: readonly string[] = [];

  it('who gives the wrong password is told so, without being told which part was wrong', async () => {
    const { page, complaints } = await browser.open();
    await page.goto(`${stage.url}/networks?q=hq`);
    await fillSignIn(page, 'not the one that was chosen');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.doesNotMatch(await alert.innerText(), /unknown user/i);
    assert.deepEqual(await accessibilityProblems(page), []);
    await fillSignIn(page, ada.password);
    // The deep link was kept.
    await page.getByRole('heading', { level: 1, name: 'Networks' }).waitFor();
    assert.equal(page.url(), `${stage.url}/networks?q=hq`);
    assert.deepEqual(faults(complaints), []);
    await page.close();
  });

  it('turns an authenticator app on, and keeps recovery codes', async () => {
    const { page, complaints } = await browser.open();
    await page.goto(`${stage.url}/account`);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const password = page.getByRole('textbox', { name: 'Current password' }).last();
    await password.fill(ada.password);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    secret = await page.getByLabel('Secret').innerText();
    await page.getByLabel('Code', { exact: true }).fill(codeNow(secret));
    await page.getByRole('button', { name: 'Turn on' }).click();
    const list = page.getByRole('list', { name: 'Recovery codes' });
    await list.waitFor();
    codes = await list.getByRole('listitem').allInnerTexts();
    assert.equal(codes.length, 10);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole('button', { name: 'They are kept' }).click();
    await page.getByText('On, 10 recovery codes left').waitFor();
    await signOut(page);
    assert.deepEqual(faults(complaints), []);
    await page.close();
  });

  it('signs in with the second factor: a reload stays there, a recovery code counts once', async () => {
    const { page, complaints } = await browser.open();
    await page.goto(stage.url);
    await fillSignIn(page, ada.password);
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.goto(`${stage.url}/account`);
    await page.getByText('On, 9 recovery codes left').waitFor();
    await signOut(page);
    await fillSignIn(page, ada.password);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('[role=alert], [aria-invalid=true]').first().waitFor();
    await page.getByLabel('Recovery code').fill(codes[1] ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('On, 8 recovery codes left').waitFor();
    assert.deepEqual(faults(complaints), []);
    await page.close();
  });

  it('changes the password, which ends the sessions of other browsers', async () => {
    await using other = await openBrowser();
    const elsewhere = await other.open();
    await elsewhere.page.goto(`${stage.url}/problems`);
    await fillSignIn(elsewhere.page, ada.password);
    await elsewhere.page.getByRole('button', { name: 'Use a recovery code' }).click();
    await elsewhere.page.getByLabel('Recovery code').fill(codes[2] ?? '');
    await elsewhere.page.getByRole('button', { name: 'Continue' }).click();
    await elsewhere.page.getByRole('heading', { level: 1, name: 'Problems' }).waitFor();

    const { page, complaints } = await browser.open();
    await page.goto(`${stage.url}/account`);
    await page.getByRole('row', { name: /This browser/ }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'End' }).count(), 1);
    await page.getByRole('textbox', { name: 'Current password' }).fill(ada.password);
    await page.getByRole('textbox', { name: 'New password' }).fill(next);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The new password counts now').waitFor();
    await page.getByRole('button', { name: 'End' }).waitFor({ state: 'detached' });

    // The other browser sees the sign-in at its next request, and its address stays.
    await elsewhere.page.getByRole('link', { name: 'Networks' }).click();
    await elsewhere.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(new URL(elsewhere.page.url()).pathname, '/networks');
    assert.deepEqual(faults(complaints), []);
    assert.deepEqual(faults(elsewhere.complaints), []);
    await page.close();
  });
});

describe('a link for a new password', () => {
  it('sets it, once, and leads to the sign-in', async () => {
    const { controller } = stage.issuing;
    const bob = await makePerson(controller, { username: 'bob@example.com', email: 'bob@example.com', role: 'ADMIN' });
    const { url } = await makePasswordLink(controller.deps, systemActor, bob.id);
    await using other = await openBrowser();
    const { page, complaints } = await other.open();
    await page.goto(url);
    await page.getByRole('textbox', { name: 'New password' }).fill('what bob will remember');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('link', { name: 'To the sign-in' }).click();
    await page.getByLabel('User name').fill(bob.username);
    await page.getByRole('textbox', { name: 'Password' }).fill('what bob will remember');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.goto(url);
    await page.getByRole('textbox', { name: 'New password' }).fill('what bob will not get');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.locator('[role=alert], [aria-invalid=true]').first().waitFor();
    assert.deepEqual(faults(complaints), []);
  });
});

function codeNow(base32Secret: string): string {
  return totpCode(unbase32(base32Secret.trim()), totpStep(new Date()));
}
