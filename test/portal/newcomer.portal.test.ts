/**
 * From nothing to a flow that was traced, as somebody does it who never saw Causeway: `causeway up` on a new data directory, Chromium on the
 * computers of two people, an SMTP server, the line that installs a connector, and a stock openvpn with the profile from the portal.
 * docs/getting-started.md states what it takes.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startClient, awaitRoutes } from '../../src/lab/actions/connect-client.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { outputOf } from '../../src/lab/output-of.ts';
import { startWebPage } from '../../src/lab/services/start-web-page.ts';
import { buildInternet } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import { buildRegion } from '../../src/lab/shapes/region.ts';
import { buildSite, headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';
import { openBrowser } from './browser.ts';
import { Newcomer } from './newcomer.ts';
import { startMailServer } from './start-mail-server.ts';

const password = 'a bridge over the marsh';
const mailPort = 2525;

test('a newcomer goes from the link of the first start to a colleague whose flow is traced', async () => {
  await using world = await World.create();
  const internet = await buildInternet(world);
  const [region, hq, home, office] = await Promise.all([
    buildRegion(world, internet),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
    buildPerson(world, internet, 'ada', '198.19.7.'),
  ]);
  await startWebPage(hq.server, 'HR application');
  const mailTo = await startMailServer(region.host, '127.0.0.1', mailPort);
  await using adasBrowser = await openBrowser({ namespace: office.computer.namespace });
  await using bobsBrowser = await openBrowser({ namespace: home.computer.namespace });
  const startedAt = performance.now();

  const ada = new Newcomer((await adasBrowser.open()).page);
  const { page } = ada;
  await page.goto((await readFile(join(region.dataDirectory, 'setup-link'), 'utf8')).trim());
  await ada.fill(page.getByLabel('Your mail address'), 'ada@example.com');
  await ada.fill(page.getByRole('textbox', { name: 'Password', exact: true }), password);
  await ada.fill(page.getByLabel('Name of your WPC'), 'Example Ltd');
  await ada.button('Set up');

  await ada.link('Add a network');
  await ada.fill(page.getByLabel('Name', { exact: true }), 'HQ');
  await ada.fill(page.getByLabel('Prefix', { exact: true }), headquarters.prefix);
  await ada.fill(page.getByLabel('Connector', { exact: true }), 'hq-1');
  await ada.button('Add and install');
  await ada.button('Make the install line');
  const line = await page.getByText('curl').innerText();
  const installer = outputOf(hq.connector.start(['sh', '-c', `${line} --foreground`]));
  await region.explain(page.getByText('Tunnel up to').waitFor({ timeout: 60_000 })).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${installer().slice(-3_000)}`);
  });
  for (const line of ['Forwarding on', 'Firewall lets it pass', 'NAT as chosen', 'Way back verified'])
    await page.getByText(line).waitFor({ timeout: 30_000 });

  await ada.link('Settings');
  await ada.link('Mail');
  await ada.fill(page.getByLabel('Host', { exact: true }), '127.0.0.1');
  await ada.fill(page.getByLabel('Port', { exact: true }), String(mailPort));
  await ada.choose(page.getByLabel('Security', { exact: true }), 'none');
  await ada.fill(page.getByLabel('Sender address', { exact: true }), 'causeway@example.com');
  await ada.button('Save');
  await page.getByRole('button', { name: 'Send a test mail to me' }).waitFor();

  await ada.link('Overview');
  await ada.link('Invite somebody');
  await ada.fill(page.getByLabel('User name', { exact: true }), 'bob');
  await ada.fill(page.getByLabel('Mail address', { exact: true }), 'bob@example.com');
  await ada.button('Add the user');
  const { text } = await mailTo('bob@example.com');
  const bob = new Newcomer((await bobsBrowser.open()).page);
  await bob.page.goto(/https:\/\/\S+/.exec(text)?.[0] ?? 'about:blank');
  await bob.fill(bob.page.getByRole('textbox', { name: 'Password', exact: true }), 'what bob will remember');
  await bob.button('Begin');
  await bob.fill(bob.page.getByLabel('Name', { exact: true }), 'laptop');
  await bob.button('Add a device');
  const [download] = await Promise.all([bob.page.waitForEvent('download'), bob.button('Download the profile')]);
  const client = await startClient(home.computer, await readFile(await download.path(), 'utf8'), 'tun0');
  await awaitRoutes(home.computer, client, 'tun0', [headquarters.prefix]);
  await awaitCondition('Bob has the HR page', async () => {
    const { stdout, stderr } = await home.computer.run(['curl', '-sS', '--max-time', '2', `http://${headquarters.server}/`]);
    if (!stdout.includes('HR application')) throw new Error(stderr.trim());
    return true;
  });
  await bob.page.getByText('Connected', { exact: true }).waitFor();

  await ada.link('Trace');
  await ada.fill(page.getByLabel('From'), 'bob');
  await ada.fill(page.getByLabel('To', { exact: true }), headquarters.server);
  await ada.fill(page.getByLabel('Port'), '80');
  await ada.click(page.getByRole('search', { name: 'Trace' }).getByRole('button', { name: 'Trace' }));
  await page.getByText('Works', { exact: true }).first().waitFor({ timeout: 30_000 });

  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`# from the first page to the trace: ${seconds.toFixed(0)} s`);
  // As docs/getting-started.md has it: whoever asks for more of people says so there.
  assert.deepEqual(
    { ada: [ada.clicks, ada.fields], bob: [bob.clicks, bob.fields] },
    { ada: [12, 15], bob: [3, 2] },
    'clicks and fields that the way takes',
  );
});
