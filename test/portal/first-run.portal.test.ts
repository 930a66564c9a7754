import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, it } from 'node:test';
import { makeSetUpLink } from '../../src/controller/identity/set-up.ts';
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
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

const password = 'a bridge over the marsh';

it('leads from the link that was printed to the overview, and signs in again afterwards', async () => {
  const link = await makeSetUpLink(stage.issuing.controller.deps, systemActor);
  const { page, complaints } = await browser.open();
  await page.goto(link.url.replace(/^https:\/\/[^/]+/, stage.url));
  await page.getByRole('heading', { level: 1, name: 'Set up Causeway' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the secret is out of the address bar');
  await page.getByLabel('Your mail address').fill('ada@example.com');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('too short');
  await page.getByLabel('Name of your WPC').fill('Ada & <Co>');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByText(/too short/).waitFor();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/');

  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.getByLabel('User name').fill('ada@example.com');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('not the right one');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  // The refusals of the sign-in, which a browser reports as failed requests.
  assert.deepEqual(
    complaints.filter((line) => !/status of 40[013]/.test(line)),
    [],
  );
  await page.close();
});

it('says of a link that was used that it is of no use', async () => {
  const { page } = await browser.open();
  await page.context().clearCookies();
  await page.goto(`${stage.url}/set-up#${'A'.repeat(43)}`);
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.close();
});

it('leads somebody who was invited to a profile', async () => {
  const { controller } = stage.issuing;
  const made = await controller.request('POST', '/api/causeway/v1/users', {
    username: 'carol <b>',
    email: 'carol@example.com',
    invite: true,
  });
  const { invitation } = made.json() as { readonly invitation: { readonly link: string } };
  const { page, complaints } = await browser.open({ width: 390, scheme: 'dark' });
  await page.context().clearCookies();
  await page.goto(invitation.link.replace(/^https:\/\/[^/]+/, stage.url));
  await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { level: 2, name: 'Your devices' }).waitFor();
  await page.getByLabel('Name').fill('telephone');
  await page.getByRole('button', { name: 'Add a device' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the profile' }).click(),
  ]);
  assert.match(await readFile(await download.path(), 'utf8'), /^client$[^]*-----BEGIN PRIVATE KEY-----/m);
  assert.equal(download.suggestedFilename(), 'telephone.ovpn');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Cut off telephone for good' }).click();
  await page.getByRole('button', { name: 'Download the profile' }).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await page.close();
});
