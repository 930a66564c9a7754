/** What an administrator changes takes effect on live traffic at once; what is handed out works with stock software. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { addNetwork } from '../../src/lab/actions/add-network.ts';
import { addDevice, fetchProfile } from '../../src/lab/actions/add-person.ts';
import { awaitRoutes, startClient, stopClient } from '../../src/lab/actions/connect-client.ts';
import { awaitOnline, connectorDevice, connectorStatus, installConnector } from '../../src/lab/actions/install-connector.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { routeDecision } from '../../src/lab/host-facts.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc, clientDevice, wpcRange } from '../../src/lab/shapes/connected-wpc.ts';
import { branch, buildSite, headquarters } from '../../src/lab/shapes/site.ts';
import { startFlow } from '../../src/lab/flow.ts';
import { World } from '../../src/lab/world.ts';

describe('changes on live traffic', () => {
  let world: World;
  let wpc: ConnectedWpc;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
  });
  after(async () => world[Symbol.asyncDispose]());

  const answers = async (address: string) =>
    (await wpc.bob.computer.run(['ping', '-n', '-c', '1', '-W', '1', address])).code === 0;
  const reaches = (address: string) =>
    awaitCondition(`Bob reaches ${address}`, async () => ((await answers(address)) ? true : undefined));

  test('a prefix added to a network is reached, and its connector loses no packet', async (context) => {
    await wpc.hq.server.ip('addr add 10.9.0.20/32 dev lo');
    await wpc.hq.connector.ip('route add 10.9.0.0/24 via 10.0.0.20');
    const ping = startFlow({ from: wpc.hq.connector, to: '100.96.0.1' });
    const start = performance.now();
    await wpc.administrator.must(z.unknown(), 'POST', `/api/v1/networks/routes?networkId=${wpc.network.id}`, {
      value: '10.9.0.0/24',
    });
    await awaitCondition('the gateway routes the new prefix', () => wpc.gateway.deviceOf('10.9.0.20'), { everyMs: 10 });
    context.diagnostic(`routed ${Math.round(performance.now() - start)} ms after the call began`);
    await reaches('10.9.0.20');
    const loss = await ping.stop();
    context.diagnostic(`${loss.lost} of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`);
    assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);
  });

  test('a subnet that holds the address of the gateway takes nobody off it', async (context) => {
    const { administrator, region, bob, hq } = wpc;
    const ping = startFlow({ from: hq.connector, to: '100.96.0.1' });
    const network = await addNetwork(administrator, 'Data centre', '203.0.113.0/24', 'dc-1');
    const wayTo = async (host: Host, address: string) => (await routeDecision(host, address)).said;
    await awaitCondition('connector and client are told of it', async () => {
      const ways = [await wayTo(hq.connector, '203.0.113.77'), await wayTo(bob.computer, '203.0.113.77')];
      return ways[0]?.includes(`dev ${connectorDevice}`) && ways[1]?.includes(`dev ${clientDevice}`) ? true : undefined;
    });
    for (const host of [hq.connector, bob.computer]) {
      const way = await wayTo(host, region.address);
      assert.match(way, /dev lan0/, `the tunnel of ${host.name} would go through itself: ${way}`);
    }
    const loss = await ping.stop();
    context.diagnostic(`${loss.lost} of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`);
    assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);
    await awaitPage(wpc);
    await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/${network.id}`);
  });

  test('a name that wants to be a command is only a name, from the API to the machine', async () => {
    const hostile = '"; reboot\n$(touch /root/pwned) `id` </ca>\u{1F600}';
    const site = await buildSite(world, wpc.internet, branch);
    const network = await addNetwork(wpc.administrator, hostile, branch.prefix, hostile);
    await installConnector(wpc.administrator, network.connector.id, site.connector);
    const shown = await wpc.administrator.must(z.object({ name: z.string() }), 'GET', `/api/v1/networks/${network.id}`);
    assert.equal(shown.name, hostile);
    await reaches(branch.server);
    const { code } = await site.connector.run(['ls', '/root/pwned']);
    assert.notEqual(code, 0, 'the name was run on the connector');
  });

  test('a stock openvpn without our agent connects with the same profile', async () => {
    const network = await addNetwork(wpc.administrator, 'Lab bench', '172.20.0.0/16', 'stock');
    const machine = await world.machine('stock');
    await world.cable(
      { host: machine, device: 'wan0', addresses: ['198.19.0.2/24'] },
      { host: wpc.internet.router, device: 'stock0', addresses: ['198.19.0.1/24'] },
    );
    await machine.ip('route add default via 198.19.0.1', 'addr add 172.20.0.20/32 dev lo');
    const profile = await wpc.administrator.must(
      z.string(),
      'POST',
      `/api/v1/networks/connectors/${network.connector.id}/profile`,
    );
    const client = await startClient(machine, profile, 'tun0');
    const routes = await awaitRoutes(machine, client, 'tun0', [wpcRange, headquarters.prefix]);
    assert.ok(!routes.includes('172.20.0.0/16'), 'the connector routes its own network into the tunnel');
    await awaitOnline(wpc.administrator, network.connector.id);
    await reaches('172.20.0.20');
    await stopClient(client);
    await awaitCondition('the connector is OFFLINE', async () =>
      (await connectorStatus(wpc.administrator, network.connector.id)) === 'OFFLINE' ? true : undefined,
    );
    assert.equal(await answers('172.20.0.20'), false);
  });

  test('a host that runs its own connector is reached at its tunnel address, and nothing behind it', async () => {
    const made = await wpc.administrator.must(
      z.object({ id: z.string(), connectors: z.array(z.object({ id: z.string(), ipV4Address: z.string() })) }),
      'POST',
      '/api/v1/hosts',
      { name: 'Build server', connectors: [{ name: 'build-1', vpnRegionId: 'eu-central-1' }] },
    );
    const [connector] = made.connectors;
    assert.ok(connector !== undefined);
    const machine = await world.machine('build');
    await world.cable(
      { host: machine, device: 'wan0', addresses: ['198.19.1.2/24'] },
      { host: wpc.internet.router, device: 'build0', addresses: ['198.19.1.1/24'] },
    );
    await machine.ip('route add default via 198.19.1.1', 'addr add 172.21.0.20/32 dev lo');
    await installConnector(wpc.administrator, connector.id, machine, '', 'hosts');
    await reaches(connector.ipV4Address);
    assert.equal(await answers('172.21.0.20'), false);
  });

  test('a deleted device is cut from an established flow, and its profile is refused', async (context) => {
    const { administrator, bob } = wpc;
    const device = await addDevice(administrator, bob.user, 'lost-phone');
    const profile = await fetchProfile(administrator, device);
    const phone = await world.machine('phone');
    await world.plug({ host: phone, device: 'lan0', addresses: ['192.168.178.30/24'] }, bob.lan);
    await phone.ip('route add default via 192.168.178.1');
    const client = await startClient(phone, profile, 'tun0');
    await awaitRoutes(phone, client, 'tun0', [wpcRange, headquarters.prefix]);
    const ping = startFlow({ from: phone, to: headquarters.server });
    await awaitCondition('the phone reaches HQ', async () =>
      (await phone.run(['ping', '-n', '-c', '1', '-W', '1', headquarters.server])).code === 0 ? true : undefined,
    );
    const start = performance.now();
    await administrator.must(z.unknown(), 'DELETE', `/api/v1/devices/${device.id}?userId=${bob.user}`);
    await awaitCondition(
      'the gateway no longer routes to it',
      async () => ((await wpc.gateway.deviceOf(device.address)) === undefined ? true : undefined),
      {
        everyMs: 10,
      },
    );
    context.diagnostic(`cut ${Math.round(performance.now() - start)} ms after the call began`);
    await ping.stop();
    assert.notEqual((await phone.run(['ping', '-n', '-c', '2', '-i', '0.2', '-W', '1', headquarters.server])).code, 0);
    await stopClient(client);
    const again = await startClient(phone, profile, 'tun0', '--auth-retry', 'none');
    await awaitCondition('the profile is refused', () => (again.said().includes('AUTH_FAILED') ? true : undefined));
  });

  test('a suspended user is cut and comes back when activated, without doing anything', async () => {
    const { administrator, bob } = wpc;
    await administrator.must(z.unknown(), 'PUT', `/api/v1/users/${bob.user}/suspend`);
    await awaitCondition('Bob is cut', async () => ((await answers(headquarters.server)) ? undefined : true));
    await administrator.must(z.unknown(), 'PUT', `/api/v1/users/${bob.user}/activate`);
    await awaitPage(wpc, 40_000);
    const { stdout } = await bob.computer.run(['ip', '-br', 'addr', 'show', 'dev', clientDevice]);
    assert.ok(stdout.includes(bob.device.address));
  });

  test('NAT mode changes on a running connector without a reset', async () => {
    const { administrator, network, hq, bob } = wpc;
    await hq.router.ip(`route add ${wpcRange} via ${headquarters.connector}`);
    await administrator.must(z.unknown(), 'PATCH', `/api/causeway/v1/networks/${network.id}`, { nat: 'routed' });
    await awaitCondition("the server sees Bob's own address", async () => {
      await bob.computer.run(['curl', '-sS', '--max-time', '2', `http://${headquarters.server}/`]);
      return wpc.hrLog().includes(`client ${bob.device.address}`) ? true : undefined;
    });
    const { stdout } = await hq.connector.run(['ip', '-br', 'addr', 'show', 'dev', connectorDevice]);
    assert.match(stdout, /100\.96\.0\.100/);
  });
});
