/**
 * A connector as a service of a real systemd and of a real OpenRC (src/lab/booted-machine.ts): the pasted line installs it, it comes back after a cut of
 * the power and after kill -9, and uninstall leaves nothing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { addConnector } from '../../src/lab/actions/add-network.ts';
import { awaitOnline, connectorDevice, connectorStatus } from '../../src/lab/actions/install-connector.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { BootedMachine } from '../../src/lab/booted-machine.ts';
import { systemd } from '../../src/lab/init-system.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { headquarters, joinSite } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';
import { openrcOfDebian } from './debian-archives.ts';

/** Of the gateway in its WPC. */
const gatewayAddress = '100.96.0.1';
/** What an installation leaves on a machine. */
const traces =
  'find /etc/init.d /etc/runlevels /etc/systemd/system /etc/sysctl.d /usr/local /var/lib/causeway* ! -type d | sort; ip -br link; nft list ruleset';
/** Agent and tunnel, for pgrep: what runs in front, and not what watches over them. */
const ours = '^(/bin/sh )?/usr/local/lib/causeway-connector/agent.sh|^[^ ]*openvpn --config';

describe('a connector that an init system runs', () => {
  let world: World;
  let wpc: ConnectedWpc;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
  });
  after(async () => await world?.[Symbol.asyncDispose]());

  for (const [kind, host] of [
    ['systemd', 11],
    ['openrc', 12],
  ] as const) {
    test(`of ${kind} comes back after kill -9 and a cut of the power, and is removed without a trace`, async (context) => {
      const { administrator, hq, network } = wpc;
      const init = kind === 'systemd' ? systemd : await openrcOfDebian();
      const machine = await BootedMachine.create(world, await world.host(`hq-${kind}`), init);
      await joinSite(world, hq, headquarters, machine.host, headquarters.connector.replace(/10$/, String(host)));
      const must = async (script: string) => {
        const { code, stdout, stderr } = await machine.host.run(['sh', '-c', script], { timeoutMs: 120_000 });
        assert.equal(code, 0, `${script}: ${stdout}${stderr}`);
        return stdout;
      };
      const before = (await must(traces)).split('\n');

      const connector = await addConnector(administrator, network.id, `hq-${kind}`);
      const { installCommand } = await administrator.must(
        z.object({ installCommand: z.string() }),
        'POST',
        `/api/causeway/v1/connectors/${connector.id}/install-token`,
      );
      await must(installCommand);
      await awaitOnline(administrator, connector.id);

      /** The gateway answers through the tunnel: what the API says may be of a session that is over. */
      const passes = async () =>
        await awaitCondition('packets pass the tunnel', async () => {
          const { code } = await machine.host.run(['ping', '-c', '1', '-W', '1', '-I', connectorDevice, gatewayAddress]);
          return code === 0 ? true : undefined;
        });
      const running = async () => (await must(`pgrep -f '${ours}' || :`)).trim().split('\n');
      const killed = await running();
      let startedAt = performance.now();
      await must(`kill -KILL ${killed.join(' ')}`);
      await awaitCondition('others run in their place', async () => {
        const now = await running();
        return now.length < killed.length || now.some((pid) => killed.includes(pid)) ? undefined : true;
      });
      await passes();
      context.diagnostic(`all killed: packets pass again after ${Math.round(performance.now() - startedAt)} ms`);

      await machine.cutPower();
      startedAt = performance.now();
      await machine.boot();
      await passes();
      context.diagnostic(`power cut: packets pass ${Math.round(performance.now() - startedAt)} ms after the next start`);

      await must('causeway-connector uninstall');
      const left = (await must(traces)).split('\n');
      assert.deepEqual([left.filter((line) => !before.includes(line)), before.filter((line) => !left.includes(line))], [[], []]);
      assert.deepEqual(await running(), ['']);
      await awaitCondition('the connector is OFFLINE', async () =>
        (await connectorStatus(administrator, connector.id)) === 'OFFLINE' ? true : undefined,
      );
    });
  }
});
