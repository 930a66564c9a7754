import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import type { MachineDemand } from '../core/device-identity.ts';
import type { Endpoint, GatewayConfiguration } from '../core/gateway-configuration.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const example = exampleConfiguration(1, 1);
const bob = endpointNamed(example, 'device', 0);

function demanding(machine: MachineDemand): Pick<GatewayConfiguration, 'endpoints'> {
  const device = example.endpoints[bob];
  assert.ok(device?.kind === 'device');
  return { endpoints: { ...example.endpoints, [bob]: { ...device, machine } satisfies Endpoint } };
}

/** What the gateway told the controller of the machine of the session that is up. */
async function reportedMachine(lab: GatewayLab): Promise<string> {
  return await until('a session is reported with its machine', () =>
    lab.controller
      .sessions()
      .flatMap(({ state, machine }) => (state === 'established' ? (machine ?? []) : []))
      .at(0),
  );
}

async function passes(client: TestClient): Promise<void> {
  await until(`${client.label} passes`, () => client.ping('100.96.0.1'));
}

describe('a profile on the machine that it belongs to', { concurrency: 2 }, () => {
  it('the first one is told to the controller; another one is refused, and let in when the profile is its', async () => {
    await using lab = await GatewayLab.start({ ...example, ...demanding({ kind: 'learn' }) });
    const laptop = lab.client(bob, 'laptop');
    const copy = lab.client(bob, 'copy');
    laptop.connect(['u0']);
    await passes(laptop);
    const machine = await reportedMachine(lab);
    assert.match(machine, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'the address of its network card');
    lab.controller.change(demanding({ kind: 'bound', machine }));
    await until(
      'the gateway has it',
      () => lab.controller.reports.at(-1)?.appliedRevision === lab.controller.configuration.revision,
    );
    await passes(laptop);
    // Gone without a word, so that nothing but the machine stands against the other one.
    await laptop.end('SIGTERM');
    copy.connect(['u0']);
    await copy.until(/AUTH_FAILED,this profile belongs to another machine: get one for this machine in the portal/);
    await copy.end();
    laptop.connect(['u0']);
    await passes(laptop);
    const refused = lab.controller.sessions().filter(({ state }) => state === 'refused');
    assert.deepEqual([...new Set(refused.map(({ reason }) => reason))], ['machine-other']);
  });

  it('who is there already on another machine is cut, as is one that no machine is known of', async () => {
    await using lab = await GatewayLab.start(example);
    const laptop = lab.client(bob, 'laptop');
    laptop.connect(['u0']);
    await passes(laptop);
    const machine = await reportedMachine(lab);
    lab.controller.change(demanding({ kind: 'bound', machine: null }));
    await laptop.until(/AUTH_FAILED,your administrator has to say which machine this profile belongs to/, 20_000);
    assert.equal(await laptop.ping('100.96.0.1'), false);
    lab.controller.change(demanding({ kind: 'bound', machine }));
    await until(
      'the gateway has it',
      () => lab.controller.reports.at(-1)?.appliedRevision === lab.controller.configuration.revision,
    );
    // It goes on trying.
    await passes(laptop);
    lab.controller.change(demanding({ kind: 'bound', machine: '02:00:00:00:00:01' }));
    await laptop.until(/AUTH_FAILED,this profile belongs to another machine/, 20_000);
  });

  it('a client that does not say where it runs is refused where that is demanded', async () => {
    await using lab = await GatewayLab.start({ ...example, ...demanding({ kind: 'learn' }) });
    const silent = lab.client(bob, 'silent');
    // Without a default route openvpn finds no network card to name (openvpn.md 7.5).
    silent.host.ip('route del default');
    silent.connect(['u0']);
    await silent.until(/AUTH_FAILED,this client does not say which machine it runs on, and your administrator demands it/);
    lab.controller.change(demanding({ kind: 'none' }));
    await until(
      'the gateway has it',
      () => lab.controller.reports.at(-1)?.appliedRevision === lab.controller.configuration.revision,
    );
    await passes(silent);
  });
});
