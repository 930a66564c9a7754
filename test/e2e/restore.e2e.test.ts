/** A lost machine is back from its backup: another one with the same address, and nobody out there has to do anything. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AuditEntry } from '../../src/contract/api/audit.ts';
import { auditList } from '../../src/contract/api/audit.ts';
import type { Event } from '../../src/contract/api/event.ts';
import { eventList } from '../../src/contract/api/event.ts';
import { addDevice, fetchProfile } from '../../src/lab/actions/add-person.ts';
import { awaitRoutes, startClient, stopClient } from '../../src/lab/actions/connect-client.ts';
import { awaitOnline } from '../../src/lab/actions/install-connector.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc, clientDevice, wpcRange } from '../../src/lab/shapes/connected-wpc.ts';
import { connectToInternet } from '../../src/lab/shapes/internet.ts';
import { causeway, regionSubnet, startProduct } from '../../src/lab/shapes/region.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';

describe('restore', () => {
  let world: World;
  let wpc: ConnectedWpc;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
  });
  after(async () => world[Symbol.asyncDispose]());

  test('on another machine with the same address, the same connector and profile connect', async (context) => {
    const { administrator, region, bob } = wpc;
    const backup = join(world.directory, 'backup.age');
    const passphrase = join(world.directory, 'passphrase');
    writeFileSync(passphrase, 'a passphrase for the laboratory\n', { mode: 0o600 });
    const where = ['--data', region.dataDirectory, '--passphrase-file', passphrase];

    const eventsBefore = await events();
    const auditBefore = await audit();
    assert.ok(auditBefore.length > 5);

    const said = await region.host.must(causeway('backup', backup, ...where), { timeoutMs: 120_000 });
    context.diagnostic(said.trim());
    assert.equal(statSync(backup).mode & 0o777, 0o600);

    await region.host.stop(20_000);
    await region.host.ip('link del wan0');
    rmSync(region.dataDirectory, { recursive: true });

    const host = await world.host('another');
    const address = await connectToInternet(world, wpc.internet, host, regionSubnet);
    assert.equal(address, region.address);
    context.diagnostic((await host.must(causeway('restore', backup, ...where), { timeoutMs: 240_000 })).split('\n')[0] ?? '');
    assert.ok(!existsSync(join(region.dataDirectory, 'backups')));
    const restored = await startProduct({ host, address, dataDirectory: region.dataDirectory });

    // The token of before, checked against the CA of before.
    await awaitOnline(administrator, wpc.network.connector.id);
    await awaitRoutes(bob.computer, bob.client, clientDevice, [wpcRange, headquarters.prefix]);
    await awaitPage(wpc, 60_000);

    const eventsAfter = await events();
    assert.deepEqual(eventsAfter.slice(0, eventsBefore.length), eventsBefore, 'the history is there');
    assert.deepEqual((await audit()).slice(-auditBefore.length), auditBefore, 'the audit is there');
    const mark = eventsAfter[eventsBefore.length];
    assert.equal(mark?.topic, 'installation.restored');
    assert.ok(
      mark.seq > (eventsBefore.at(-1)?.seq ?? 0) + 1000,
      'numbers that were given out after the backup do not come again',
    );

    // The keys are there, too: a new profile is signed, and its holder connects.
    const device = await addDevice(administrator, bob.user, 'tablet');
    const tablet = await world.machine('tablet');
    await world.plug({ host: tablet, device: 'lan0', addresses: ['192.168.178.77/24'] }, bob.lan);
    await tablet.ip('route add default via 192.168.178.1');
    const client = await startClient(tablet, await fetchProfile(administrator, device), 'tun0');
    await restored.explain(awaitRoutes(tablet, client, 'tun0', [wpcRange, headquarters.prefix]));
    await stopClient(client);
  });

  /** The newest first. */
  async function audit(): Promise<AuditEntry[]> {
    return (await wpc.administrator.must(auditList, 'GET', '/api/causeway/v1/audit?limit=500')).entries;
  }

  async function events(): Promise<Event[]> {
    return (await wpc.administrator.must(eventList, 'GET', '/api/causeway/v1/events?since=0&limit=1000')).events;
  }
});
