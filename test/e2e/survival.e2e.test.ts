/** What happens to working flows when a part of the product dies: nothing, and the part comes back by itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addDevice, fetchProfile } from '../../src/lab/actions/add-person.ts';
import { awaitRoutes, startClient, stopClient } from '../../src/lab/actions/connect-client.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { findProcess } from '../../src/lab/processes.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc, clientDevice, wpcRange } from '../../src/lab/shapes/connected-wpc.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import type { FlowLoss } from '../../src/lab/answers.ts';
import { startFlow } from '../../src/lab/flow.ts';
import { World } from '../../src/lab/world.ts';

const processes = {
  controller: /src\/controller\/main\.ts/,
  agent: /src\/gateway\/main\.ts/,
  database: /bin\/postgres -D/,
  signer: /src\/controller\/signer\/main\.ts/,
  connectorLane: /openvpn .*\/c0\.conf/,
  userLane: /openvpn .*\/u0\.conf/,
} as const;

describe('survival', () => {
  let world: World;
  let wpc: ConnectedWpc;
  let devices = 0;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
  });
  after(async () => world[Symbol.asyncDispose]());

  /** Kills a process, waits until another has its place and `recovered` holds, and gives how long that took. */
  async function kill(command: RegExp, recovered: () => Promise<boolean>): Promise<{ recoveredMs: number; loss: FlowLoss }> {
    const { host } = wpc.region;
    const ping = startFlow({ from: wpc.bob.computer, to: headquarters.server });
    const victim = await findProcess(host, command);
    const start = performance.now();
    process.kill(victim.pid, 'SIGKILL');
    await awaitCondition(
      `a new process has the place of ${victim.command.slice(0, 60)}`,
      async () => ((await findProcess(host, command)).pid === victim.pid ? undefined : true),
      { withinMs: 30_000, everyMs: 50 },
    );
    await awaitCondition('the product works again', async () => ((await recovered()) ? true : undefined), {
      withinMs: 40_000,
      everyMs: 50,
    });
    const recoveredMs = Math.round(performance.now() - start);
    return { recoveredMs, loss: await ping.stop() };
  }

  const apiAnswers = async () => (await wpc.administrator.call('GET', '/api/v1/networks')).status === 200;
  const hrAnswers = async () =>
    (await wpc.bob.computer.run(['ping', '-n', '-c', '1', '-W', '1', headquarters.server])).code === 0;

  for (const part of ['controller', 'database', 'signer', 'agent'] as const) {
    test(`${part}: no packet is lost, and it is back by itself`, async (context) => {
      const { recoveredMs, loss } = await kill(processes[part], async () => (await apiAnswers()) && (await hrAnswers()));
      context.diagnostic(`${part} back after ${recoveredMs} ms, ${loss.lost} of ${loss.sent} packets lost`);
      assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);
    });
  }

  for (const part of ['connectorLane', 'userLane'] as const) {
    test(`${part}: its endpoints come back by themselves`, async (context) => {
      const { recoveredMs, loss } = await kill(processes[part], hrAnswers);
      context.diagnostic(`${part}: flow back after ${recoveredMs} ms, longest gap ${loss.longestGapMs} ms`);
      await awaitPage(wpc);
    });
  }

  test('a client that connects while the agent is dead gets in as soon as it is back', async (context) => {
    const anna = await secondDevice('anna');
    const agent = await findProcess(wpc.region.host, processes.agent);
    process.kill(agent.pid, 'SIGKILL');
    const start = performance.now();
    const client = await startClient(anna.host, anna.profile, 'tun0');
    await awaitRoutes(anna.host, client, 'tun0', [wpcRange]);
    context.diagnostic(`connected ${Math.round(performance.now() - start)} ms after the agent was killed`);
    await stopClient(client);
  });

  test('with controller and database stopped, flows go on and a known client connects', async (context) => {
    const carl = await secondDevice('carl');
    // Known: it has connected once, so its gateway holds it.
    const first = await startClient(carl.host, carl.profile, 'tun0');
    await awaitRoutes(carl.host, first, 'tun0', [wpcRange]);
    await stopClient(first);
    const stopped = await Promise.all(
      [processes.controller, processes.database].map((command) => findProcess(wpc.region.host, command)),
    );
    for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
    try {
      const ping = startFlow({ from: wpc.bob.computer, to: headquarters.server });
      const start = performance.now();
      const client = await startClient(carl.host, carl.profile, 'tun0');
      await awaitRoutes(carl.host, client, 'tun0', [wpcRange, headquarters.prefix]);
      context.diagnostic(`a known client connected in ${Math.round(performance.now() - start)} ms without a controller`);
      const loss = await ping.stop();
      assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);
      await stopClient(client);
    } finally {
      for (const { pid } of stopped) process.kill(pid, 'SIGCONT');
    }
    await awaitCondition('the API answers again', async () => ((await apiAnswers()) ? true : undefined));
  });

  /** Another device of Bob's at his home. */
  async function secondDevice(name: string): Promise<{ host: Host; profile: string }> {
    const host = await world.machine(name);
    devices += 1;
    await world.plug({ host, device: 'lan0', addresses: [`192.168.178.${30 + devices}/24`] }, wpc.bob.lan);
    await host.ip('route add default via 192.168.178.1');
    const device = await addDevice(wpc.administrator, wpc.bob.user, name);
    return { host, profile: await fetchProfile(wpc.administrator, device) };
  }

  test('the devices that the clients use are still theirs', async () => {
    const { stdout } = await wpc.bob.computer.run(['ip', '-br', 'addr', 'show', 'dev', clientDevice]);
    assert.match(stdout, new RegExp(wpc.bob.device.address.replaceAll('.', '\\.')));
  });
});
