/** What the tutorial does not tell of the internet gateway: every other kind of traffic, gateways that fail, and restricted access. */
import { addNetwork } from '../actions/add-network.ts';
import { awaitRoutes } from '../actions/connect-client.ts';
import { installConnector } from '../actions/install-connector.ts';
import { chooseInternetAccess, markAsInternetGateway } from '../actions/internet-access.ts';
import { awaitCondition } from '../await-condition.ts';
import type { Captures } from '../capture.ts';
import { captureAt, isSyn } from '../capture.ts';
import { openPage, routeDecision } from '../host-facts.ts';
import type { Host } from '../host.ts';
import type { Completed } from '../run-program.ts';
import type { Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { clientDevice, hrPage, wpcRange } from '../shapes/connected-wpc.ts';
import { bypassedAddress, internetServiceAddress, internetServiceAddress6, resolverAddress } from '../shapes/internet.ts';
import { branch, buildSite, headquarters, publicAddressOf } from '../shapes/site.ts';
import { pullPlug, putPlugBack } from '../world.ts';
import type { InternetWpc } from '../shapes/internet-wpc.ts';

/** Everything that Bob's home sends to the services on the internet by its own line. */
async function watchOwnLine({ bob }: InternetWpc): Promise<Captures<'uplink'>> {
  const services = [internetServiceAddress, resolverAddress].map((address) => `host ${address}`);
  return captureAt(`${services.join(' or ')} or ip6 host ${internetServiceAddress6}`, { uplink: [bob.router, 'wan0'] });
}

/** expectNoLeak demands that nothing left by Bob's own line; what cannot be there needs a short time only. */
async function expectNoLeak({ at }: Captures<'uplink'>): Promise<void> {
  const leak = await at.uplink.find(() => true, 300);
  expect(leak === undefined, `${leak?.source} > ${leak?.destination} left by Bob's own line: ${leak?.text}`);
}

/** expectRefused demands that a request fails, and at once: somebody says no, nobody waits for a time-out. */
async function expectRefused(ask: () => Promise<Completed>): Promise<string> {
  const start = performance.now();
  const { code, stdout, stderr } = await ask();
  const tookMs = Math.round(performance.now() - start);
  expect(code !== 0, `it was answered: ${stdout.trim()}`);
  expect(tookMs < 1500, `it failed only after ${tookMs} ms: ${stderr.trim()}`);
  return `refused after ${tookMs} ms: ${stderr.trim()}`;
}

/** resolves looks a name up with the machine's own resolver library, as every program does. */
async function resolves(bob: Host): Promise<string> {
  const { code, stdout, stderr } = await bob.run(['getent', 'ahostsv4', 'service.example'], { timeoutMs: 10_000 });
  expect(code === 0 && stdout.includes(internetServiceAddress), `service.example was not resolved: ${stdout}${stderr}`);
  return `service.example is ${stdout.split(' ')[0]}, asked at ${resolverAddress}`;
}

/** everyKindOfTraffic tells of IPv6, names and exceptions while Bob's split tunnel is off. */
export async function everyKindOfTraffic({ step }: Stage, wpc: InternetWpc): Promise<void> {
  const { bob, internetLog } = wpc;
  await step('IG-X1', 'IPv6 of a dual-stack home is refused at once and does not leave outside the tunnel', async () => {
    await using line = await watchOwnLine(wpc);
    const refused = await expectRefused(() => openPage(bob.computer, `[${internetServiceAddress6}]`, '-6'));
    await expectNoLeak(line);
    return `${refused}; nothing on his own line`;
  });
  await step('IG-X2', 'names are resolved, through the tunnel', async () => {
    await using line = await watchOwnLine(wpc);
    const resolved = await resolves(bob.computer);
    await expectNoLeak(line);
    const asker = publicAddressOf(headquarters);
    expect(internetLog().includes(`query service.example from ${asker}`), `the resolver was not asked by HQ:\n${internetLog()}`);
    return `${resolved} by ${asker}`;
  });
  await step('IG-X3', `what bypasses the tunnel, ${bypassedAddress}, goes by Bob's own line`, async () => {
    const { stdout, stderr } = await openPage(bob.computer, bypassedAddress);
    expect(stdout.includes('you come from 192.0.2.2'), `curl: ${stdout.trim()} ${stderr.trim()}`);
    return `"${stdout.trim()}": his home's own address`;
  });
}

/** gatewaysFailOver tells what happens when HQ's connector loses its line while another gateway is there, and when none is left. */
export async function gatewaysFailOver({ step, world, progress }: Stage, wpc: InternetWpc): Promise<void> {
  const { administrator, internet, hq, bob, region } = wpc;
  progress('building Branch, a second internet gateway …');
  const other = await buildSite(world, internet, branch);
  const network = await addNetwork(administrator, 'Branch Network', branch.prefix, 'branch-1');
  await markAsInternetGateway(administrator, network.id, true);
  await region.explain(installConnector(administrator, network.connector.id, other.connector));
  const comesFrom = async (address: string): Promise<string | undefined> => {
    const { stdout } = await openPage(bob.computer, internetServiceAddress, '--max-time', '1');
    return stdout.includes(`you come from ${address}`) ? stdout.trim() : undefined;
  };
  await step('IG-X4', 'a second internet gateway takes over when the first loses its line', async () => {
    await awaitCondition('Bob still leaves by HQ', () => comesFrom(publicAddressOf(headquarters)));
    await using line = await watchOwnLine(wpc);
    await pullPlug(hq.connector, hq.lan);
    const start = performance.now();
    const said = await awaitCondition('Bob leaves by Branch', () => comesFrom(publicAddressOf(branch)), { everyMs: 20 });
    const tookMs = Math.round(performance.now() - start);
    await expectNoLeak(line);
    expect(tookMs < 4000, `it took ${tookMs} ms`);
    return `"${said}" ${tookMs} ms after the cut, the request that was lost in it included; nothing on his own line`;
  });
  await step('IG-X5', 'when none is left, traffic is refused at once and does not leave by his own line', async () => {
    await using line = await watchOwnLine(wpc);
    await pullPlug(other.connector, other.lan);
    await awaitCondition('the gateway refuses', async () => ((await wpc.gateway.waysOut()).length === 0 ? true : undefined));
    const refused = await expectRefused(() => openPage(bob.computer, internetServiceAddress));
    await expectNoLeak(line);
    return `${refused}; nothing on his own line`;
  });
  await putPlugBack(hq.connector, hq.lan);
  await putPlugBack(other.connector, other.lan);
  await step('IG-X6', 'when one is back, so is the internet', async () => {
    const said = await awaitCondition(
      'Bob reaches the internet',
      async () => (await comesFrom(publicAddressOf(headquarters))) ?? (await comesFrom(publicAddressOf(branch))),
      { withinMs: 40_000 },
    );
    return `"${said}"`;
  });
}

/** onlyWhatIsTrusted tells of restricted internet access: private networks and the WPC's resolvers, and nothing else. */
export async function onlyWhatIsTrusted({ step }: Stage, wpc: InternetWpc): Promise<void> {
  const { administrator, group, bob, region, gateway } = wpc;
  await step('IG-X7', 'with restricted internet access HQ is reached', async () => {
    const told = await chooseInternetAccess(administrator, group.id, { internetAccess: 'RESTRICTED_INTERNET' });
    // The exception of IG-3 is gone from the new tunnel: that it is new shows.
    await awaitCondition(`${bypassedAddress} goes by the tunnel`, async () =>
      (await routeDecision(bob.computer, bypassedAddress)).said.includes(clientDevice) ? true : undefined,
    );
    await region.explain(awaitRoutes(bob.computer, bob.client, clientDevice, [wpcRange, '0.0.0.0/1']));
    await gateway.awaitDeviceOf(bob.device.address);
    const { stdout, stderr } = await openPage(bob.computer, headquarters.server);
    expect(stdout.includes(hrPage), `curl: ${stderr.trim()}`);
    return `Staff: ${told}; "${stdout.trim()}"`;
  });
  await step('IG-X8', 'the internet is refused at once, and nothing leaves by his own line', async () => {
    await using line = await watchOwnLine(wpc);
    const refused = await expectRefused(() => openPage(bob.computer, internetServiceAddress));
    await expectNoLeak(line);
    return `${refused}; nothing on his own line`;
  });
  await step('IG-X9', "names are resolved all the same: the WPC's resolvers are trusted", () => resolves(bob.computer));
  await step('IG-X10', 'with split tunnel on again he has the internet by his own line, and names', async () => {
    const told = await chooseInternetAccess(administrator, group.id, { internetAccess: 'SPLIT_TUNNEL_ON' });
    const said = await awaitCondition('Bob leaves by his own line', async () => {
      const { stdout } = await openPage(bob.computer, internetServiceAddress, '--max-time', '1');
      return stdout.includes('you come from 192.0.2.2') ? stdout.trim() : undefined;
    });
    await region.explain(awaitRoutes(bob.computer, bob.client, clientDevice, [wpcRange, headquarters.prefix]));
    // What was refused in IG-X1 was refused by the tunnel, and what was watched there would have been seen.
    await using line = await watchOwnLine(wpc);
    const ipv6 = await openPage(bob.computer, `[${internetServiceAddress6}]`, '-6');
    expect(ipv6.stdout.includes('you come from 2001:db8:b0b::20'), `IPv6 of his home does not work: ${ipv6.stderr.trim()}`);
    expect((await line.at.uplink.find(isSyn)) !== undefined, 'his own line was watched and the request not seen');
    return `Staff: ${told}; "${said}", "${ipv6.stdout.trim()}"; ${await resolves(bob.computer)}`;
  });
}
