import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { status } from '../../contract/cli/status.ts';
import type { Status } from '../../contract/cli/status.ts';
import type { LaneReport } from '../../contract/gateway.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

async function read(controller: TestController): Promise<Status> {
  const answer = await controller.request('GET', '/api/causeway/v1/status');
  assert.equal(answer.status, 200, answer.text);
  return status.parse(answer.json());
}

async function write(controller: TestController, ...statements: string[]): Promise<void> {
  await inModelTransaction(controller.deps.store, systemActor, async (change) => {
    for (const statement of statements) await sql.raw(statement).execute(change.trx);
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

const gateway = '00000000-0000-4000-8000-000000000001';
const network = '00000000-0000-4000-8000-000000000002';
const connector = '00000000-0000-4000-8000-000000000003';
const host = '00000000-0000-4000-8000-000000000004';
const hostConnector = '00000000-0000-4000-8000-000000000005';

test('an installation without a gateway is not ready and says so', async () => {
  await using controller = await testController();
  const { ready, problems, gateway: reported, version } = await read(controller);
  assert.deepEqual([ready, reported.lanes, version], [false, [], '0.0.0-test']);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['no-gateway'],
  );
});

test('lanes, networks and who is online come from what gateways reported', async () => {
  await using controller = await testController();
  const { database } = controller.deps.store;
  await write(
    controller,
    `insert into gateway (id, name, region) values ('${gateway}', 'local', 'us-mia')`,
    `insert into network (id, name) values ('${network}', 'HQ "Network"')`,
    `insert into network_route (network_id, prefix) values ('${network}', '10.0.0.0/18')`,
    `insert into connector (id, name, network_id, region) values ('${connector}', 'hq-1', '${network}', 'us-mia')`,
    `insert into tunnel_address (address, connector_id) values ('100.96.0.100', '${connector}')`,
    `insert into host (id, name) values ('${host}', 'Backup')`,
    `insert into connector (id, name, host_id, region, suspended) values ('${hostConnector}', 'b-1', '${host}', 'us-mia', true)`,
    `insert into tunnel_address (address, connector_id) values ('100.96.0.101', '${hostConnector}')`,
  );
  assert.deepEqual(
    (await read(controller)).problems.map(({ code }) => code),
    ['gateway-silent'],
  );

  const lanes: LaneReport[] = [
    { id: 'u0', state: 'up', device: 'cw0-u0', protocol: 'udp', port: 1194, clients: 2 },
    { id: 'c0', state: 'down', device: 'cw0-c0', protocol: 'udp', port: 1210, clients: 0, reason: 'the port is in use' },
  ];
  await database
    .updateTable('gateway')
    .set({
      lanes: JSON.stringify(lanes),
      problems: JSON.stringify([
        { code: 'route-foreign', message: 'A route is in the way.' },
        { code: 'lane-down', message: 'lane c0 does not stay up: the port is in use' },
      ]),
      reported_at: new Date(),
    })
    .execute();
  const before = await read(controller);
  assert.deepEqual(before, {
    version: '0.0.0-test',
    ready: true,
    gateway: {
      lanes: [
        { id: 'u0', protocol: 'udp', port: 1194, up: true, sessions: 2 },
        { id: 'c0', protocol: 'udp', port: 1210, up: false, sessions: 0 },
      ],
    },
    networks: [
      {
        name: 'HQ "Network"',
        routes: ['10.0.0.0/18'],
        egress: false,
        connectors: [
          {
            name: 'hq-1',
            connectionStatus: 'OFFLINE',
            ipV4Address: '100.96.0.100',
            health: 'unhealthy',
            healthReason: 'it is not connected',
            role: 'offline',
            agentVersion: null,
          },
        ],
      },
    ],
    hosts: [
      {
        name: 'Backup',
        connectors: [
          {
            name: 'b-1',
            connectionStatus: 'OFFLINE',
            ipV4Address: '100.96.0.101',
            health: 'unhealthy',
            healthReason: 'it is suspended',
            role: 'offline',
            agentVersion: null,
          },
        ],
      },
    ],
    problems: [
      { code: 'route-foreign', message: 'A route is in the way.' },
      {
        code: 'lane-down',
        message:
          'The lane c0 (udp port 1210) is down: the port is in use; it is started again by itself, and gateway/lanes/c0/log in the data directory says more.',
      },
    ],
  });

  await sql`insert into session (gateway_id, key, lane, connector_id, serial, state, client_address, region, started_at)
    values (${gateway}, 'u0:1:1', 'u0', ${connector}, 'x', 'established', '192.0.2.1', 'us-mia', now())`.execute(database);
  assert.equal((await read(controller)).networks[0]?.connectors[0]?.connectionStatus, 'ONLINE');
  await database
    .updateTable('gateway')
    .set({ reported_at: new Date(Date.now() - 60_000) })
    .execute();
  const silent = await read(controller);
  assert.equal(silent.networks[0]?.connectors[0]?.connectionStatus, 'OFFLINE', 'a gateway that is silent is not believed');
  assert.equal(silent.ready, false);
  assert.ok(silent.problems.some(({ code, message }) => code === 'gateway-silent' && message.includes('has not reported since')));

  await database.updateTable('gateway').set({ reported_at: new Date() }).execute();
  await database.updateTable('session').set({ state: 'ended' }).execute();
  assert.equal((await read(controller)).networks[0]?.connectors[0]?.connectionStatus, 'OFFLINE');
});

test('backups that were asked for and are not made are a problem; without a schedule nothing is expected', async () => {
  await using controller = await testController();
  const { database } = controller.deps.store;
  const told = async () => (await read(controller)).problems.filter(({ code }) => code.startsWith('backup'));
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const run = (hours: number, outcome: { bytes: number; error: null } | { bytes: null; error: string }) =>
    database
      .insertInto('backup_run')
      .values({ kind: 'scheduled', started_at: hoursAgo(hours), ended_at: hoursAgo(hours), file: '/srv/x.age', ...outcome })
      .execute();
  await run(400, { bytes: 10, error: null });
  assert.deepEqual(await told(), []);

  await database
    .insertInto('backup_schedule')
    .values({ every_s: 86_400, keep: 14, directory: '/srv', set_at: hoursAgo(500) })
    .execute();
  const [overdue] = await told();
  assert.equal(overdue?.code, 'backup-overdue');
  assert.match(overdue.message, /A backup to \/srv is overdue since .*The last good one is of/);

  await run(24.5, { bytes: 10, error: null });
  assert.deepEqual(await told(), [], 'a day and half an hour is within its time');

  await run(0.5, { bytes: null, error: 'the disk is full' });
  const [failed] = await told();
  assert.equal(failed?.code, 'backup-failed');
  assert.match(failed.message, /failed: the disk is full\. The last good one is of/);

  await run(0.1, { bytes: 10, error: null });
  assert.deepEqual(await told(), []);
});
