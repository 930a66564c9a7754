import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { apiCredentialRoutes } from '../../src/contract/api/api-credential.ts';
import { mailRoutes } from '../../src/contract/api/mail.ts';
import { settingRoutes } from '../../src/contract/api/setting.ts';
import { invitationRoutes } from '../../src/contract/api/invitation.ts';
import { startSmtpServer } from '../../src/controller/mail/test-smtp-server.ts';
import { call } from '../../src/controller/routes/test-api.ts';
import type { Browser, Tab } from './browser.ts';
import { openBrowser } from './browser.ts';
import { changeSent } from './change-sent.ts';
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

describe('settings', () => {
  it('the name and the resolvers are changed, and count at once', async () => {
    const { controller } = stage.issuing;
    const { page, complaints } = await openAt('/settings');
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill(' ');
    await page.getByRole('button', { name: 'Save: Name' }).click();
    await page.getByText('Name is blank; allowed: text of 1 to 120 characters.').waitFor();
    await name.fill('Example <b>Works</b>');
    await name.press('Enter');
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('banner').getByText('Example <b>Works</b>').waitFor();
    assert.deepEqual(await call(controller, settingRoutes['wpc/name'].read), { name: 'Example <b>Works</b>' });

    await page.getByLabel('First resolver').fill('10.0.0.053');
    await page.getByLabel('Second resolver').focus();
    await page.getByText(/^First resolver cannot be a resolver: /).waitFor();
    await page.getByLabel('First resolver').fill('10.0.0.53');
    await page.getByRole('button', { name: 'Save the resolvers' }).click();
    await page.getByText('Saved', { exact: true }).nth(1).waitFor();
    await page.reload();
    assert.equal(await page.getByLabel('First resolver').inputValue(), '10.0.0.53');
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('a setting that is one of few is chosen, and what the API refuses is said', async () => {
    const { page } = await openAt('/settings');
    await page.getByLabel('Profiles', { exact: true }).selectOption('MANUAL');
    await page.getByRole('button', { name: 'Save: Profiles' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Devices for each person' }).fill('0');
    await page.getByRole('button', { name: 'Save: Devices for each person' }).click();
    await page.getByText(/user\/device-allowance.*allowed: 1 to 1000/).waitFor();
    await page.close();
  });

  it('of two who change one setting the second is told, and nothing of either is lost', async () => {
    const { controller } = stage.issuing;
    await call(controller, settingRoutes['user/profile-distribution'].write, { body: 'AUTOMATIC' });
    const { page, complaints } = await openAt('/settings');
    const told = page.getByText('Changed by somebody else since you opened it');
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('Mine');
    await call(controller, settingRoutes['wpc/name'].write, { body: { name: 'Theirs' } });
    await page.getByRole('button', { name: 'Save: Name' }).click();
    await page.getByText('Name: Theirs').waitFor();
    assert.equal(await name.inputValue(), 'Mine');
    assert.deepEqual(await call(controller, settingRoutes['wpc/name'].read), { name: 'Theirs' });
    const [written] = await Promise.all([changeSent(page), page.getByRole('button', { name: 'Save: Name' }).click()]);
    await written.finished();
    await told.waitFor({ state: 'detached' });
    assert.deepEqual(await call(controller, settingRoutes['wpc/name'].read), { name: 'Mine' });

    const resolvers = settingRoutes['dns/custom-servers'];
    await page.getByLabel('First resolver').fill('10.0.0.54');
    await call(controller, resolvers.write, { body: { primaryIpV4: '10.0.0.1', secondaryIpV4: '9.9.9.9' } });
    await page.getByRole('button', { name: 'Save the resolvers' }).click();
    await page.getByText('Resolvers: 10.0.0.1, 9.9.9.9').waitFor();
    await page.getByRole('button', { name: 'Take what stands now' }).click();
    assert.equal(await page.getByLabel('First resolver').inputValue(), '10.0.0.1');
    assert.equal(await page.getByLabel('Second resolver').inputValue(), '9.9.9.9');
    // Whoever saves what they have not changed undoes nothing that somebody else has.
    await call(controller, settingRoutes['user/profile-distribution'].write, { body: 'MANUAL' });
    await page.getByRole('button', { name: 'Save: Profiles' }).click();
    await page.locator('option:checked', { hasText: 'Administrators add devices' }).waitFor({ state: 'attached' });
    assert.equal(await call(controller, settingRoutes['user/profile-distribution'].read), 'MANUAL');

    await page.getByRole('link', { name: 'Mail', exact: true }).click();
    await page.getByLabel('Host').fill('mine.example.com');
    await page.getByLabel('Sender address').fill('mine@example.com');
    const theirs = {
      host: 'theirs.example.com',
      port: 587,
      security: 'starttls',
      password: null,
      senderAddress: 'theirs@example.com',
    };
    await call(controller, mailRoutes.writeSettings, { body: theirs });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Mail server: theirs.example.com:587, STARTTLS, theirs@example.com').waitFor();
    assert.equal((await call(controller, mailRoutes.readSettings)).server?.host, 'theirs.example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    assert.equal((await call(controller, mailRoutes.readSettings)).server?.host, 'mine.example.com');
    await call(controller, mailRoutes.removeSettings);
    await call(controller, settingRoutes['user/profile-distribution'].write, { body: 'AUTOMATIC' });
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('the certificate of the portal is shown with its fingerprint', async () => {
    const { page, complaints } = await openAt('/settings');
    const shown = await page.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/).innerText();
    const [, host = '', port = ''] = /^https:\/\/([^:]+):(\d+)$/.exec(stage.url) ?? [];
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    assert.equal(shown, socket.getPeerCertificate().fingerprint256);
    socket.destroy();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('a mail server is set, tried, and forgotten; its password is never shown', async () => {
    await using smtp = await startSmtpServer({ login: { username: 'causeway', password: 'a secret' } });
    const { page, complaints } = await openAt('/settings');
    await page.getByRole('link', { name: 'Mail', exact: true }).click();
    await page.waitForURL(/tab=mail/);
    await page.getByLabel('Host').fill('127.0.0.1');
    await page.getByLabel('Security').selectOption('tls');
    assert.equal(await page.getByLabel('Port').inputValue(), '465');
    await page.getByLabel('Security').selectOption('none');
    await page.getByLabel('Port').fill(String(smtp.port));
    await page.getByLabel('User name').fill('causeway');
    await page.getByRole('textbox', { name: 'Password' }).fill('a secret');
    await page.getByLabel('Sender address').fill('causeway');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^Sender address is not a mail address/).waitFor();
    await page.getByLabel('Sender address').fill('causeway@example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('One is kept. Empty: it stays.').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Password' }).inputValue(), '');
    await page.getByText('Saved', { exact: true }).waitFor();
    // Ada's account has no mail address.
    await page.getByLabel('Test address').fill('ada@example.com');
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await page.getByText('The server took the mail for ada@example.com').waitFor();
    assert.deepEqual(
      smtp.received.map(({ envelope }) => envelope.to),
      [['ada@example.com']],
    );
    await page.getByRole('button', { name: 'Forget the server' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget the server' }).click();
    await page.getByText(/^Mail is not set up/).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('the outbox shows what waits and why, filters by state in the address, and tries again', async () => {
    const { controller } = stage.issuing;
    await call(controller, mailRoutes.writeSettings, {
      body: { host: '127.0.0.1', port: 9, security: 'none', password: null, senderAddress: 'causeway@example.com' },
    });
    for (const username of ['carol@example.com', 'dave@example.com'])
      await call(controller, invitationRoutes.createUser, { body: { username, email: username, invite: true } });
    await controller.deps.store.database
      .updateTable('mail')
      .set({ state: 'failed', settled_at: new Date(), answer: '550 no such mailbox' })
      .where('recipient', '=', 'carol@example.com')
      .execute();
    const { page } = await openAt('/settings?tab=mail');
    await page.getByRole('row', { name: /dave@example\.com.*Waiting/ }).waitFor();
    await page.getByLabel('State of the mails').selectOption('failed');
    await page.waitForURL(/state=failed/);
    await page.getByRole('row', { name: /dave/ }).waitFor({ state: 'detached' });
    const row = page.getByRole('row', { name: /carol@example\.com.*Given up.*550 no such mailbox/ });
    await row.getByRole('button', { name: 'Try now' }).click();
    await row.waitFor({ state: 'detached' });
    await page.close();
  });

  it('a credential is made with some permissions, its secret is shown once, and it is revoked', async () => {
    const { controller } = stage.issuing;
    const { page, complaints } = await openAt('/settings?tab=credentials');
    await page.getByRole('button', { name: 'Add a credential' }).click();
    await page.getByLabel('Name').fill('monitoring');
    await page.getByRole('radio', { name: /^Some/ }).check();
    await page.getByLabel('From').fill('203.0.113.1/24');
    await page.getByRole('button', { name: 'Make the credential' }).click();
    await page.getByText('Permissions are none; allowed: at least one.').waitFor();
    await page.getByText(/^From is not allowed; allowed: a prefix .* such as 203\.0\.113\.0\/24/).waitFor();
    await page.getByLabel('Networks', { exact: true }).selectOption('Read');
    await page.getByLabel('From').fill('203.0.113.0/24');
    await page.getByRole('button', { name: 'Make the credential' }).click();
    await page.getByText('Copy the secret now.').waitFor();
    const secret = await page.getByLabel('Client secret').innerText();
    assert.ok(secret.length >= 43);
    await page.getByRole('button', { name: 'It is kept' }).click();
    await page.getByRole('row', { name: /monitoring.*network:read.*203\.0\.113\.0\/24.*never.*ada@example\.com/ }).waitFor();
    assert.equal((await page.content()).includes(secret), false);
    await page.reload();
    await page
      .getByRole('row', { name: /monitoring/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await page
      .getByRole('dialog')
      .getByText(/Programs that use "monitoring" are refused/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /monitoring/ }).waitFor({ state: 'detached' });
    assert.deepEqual(
      (await call(controller, apiCredentialRoutes.list)).filter(({ name }) => name === 'monitoring'),
      [],
    );
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
