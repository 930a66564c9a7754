/** A profile and its machine: what the controller learns of the machine that uses it first, and what a copy on another one is told. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { device } from '../../src/contract/api/device.ts';
import { clientDevice, awaitPage, buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { startClient, stopClient } from '../../src/lab/actions/connect-client.ts';
import type { Client } from '../../src/lab/actions/connect-client.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import type { Person } from '../../src/lab/shapes/person.ts';
import { World } from '../../src/lab/world.ts';

const linkOf = z.tuple([z.object({ address: z.string() })]);

describe('a profile and its machine', () => {
  let world: World;
  let wpc: ConnectedWpc;
  let other: Person;
  let copy: Client | undefined;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
    other = await buildPerson(world, wpc.internet, 'copy', '192.0.3.');
  });
  after(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  const cardOf = async (machine: Host) =>
    linkOf.parse(JSON.parse(await machine.must(['ip', '-j', 'link', 'show', 'dev', 'lan0'])))[0].address;
  const path = () => `/api/v1/devices/${wpc.bob.device.id}?userId=${wpc.bob.user}`;
  const awaitMachine = async (card: string) =>
    await awaitCondition(
      `the device belongs to ${card}`,
      async () => {
        const { clientUUID } = await wpc.administrator.must(device, 'GET', path());
        if (clientUUID === card) return true;
        throw new Error(`clientUUID is ${JSON.stringify(clientUUID)}`);
      },
      { withinMs: 30_000 },
    );

  test('is learnt from the tunnel that is up, which goes on', async () => {
    await wpc.administrator.must(z.string(), 'PUT', '/api/v1/settings/user/device-enforcement', 'LEARN_AND_ENFORCE');
    await awaitMachine(await cardOf(wpc.bob.computer));
    await awaitPage(wpc);
  });

  test('a copy is refused in words, also when its machine is the only one that tries', async () => {
    copy = await startClient(other.computer, wpc.bob.profile, clientDevice);
    const told = /AUTH_FAILED,this profile belongs to another machine/;
    await awaitCondition('the copy is told', () => told.test(copy?.said() ?? ''), { withinMs: 30_000 });
    await awaitPage(wpc);
    await stopClient(wpc.bob.client);
    const refusals = () => copy?.said().match(new RegExp(told, 'g'))?.length ?? 0;
    const before = refusals();
    await awaitCondition('it is refused again', () => refusals() > before, { withinMs: 30_000 });
    assert.doesNotMatch(copy.said(), /Initialization Sequence Completed/);
  });

  test('the other machine has it once the first was forgotten', async () => {
    await wpc.administrator.must(device, 'PUT', `/api/causeway/v1/devices/${wpc.bob.device.id}/forget-machine`);
    await awaitMachine(await cardOf(other.computer));
    await awaitCondition('it is in', () => copy?.said().includes('Initialization Sequence Completed') === true, {
      withinMs: 30_000,
    });
  });
});
