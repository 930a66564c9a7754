import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkConnectorRoutes } from '../../contract/api/connector.ts';
import { drainRoutes } from '../../contract/api/connector-state.ts';
import { internetGatewayRoutes } from '../../contract/api/internet-gateway.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { Status } from '../../contract/cli/status.ts';
import { status } from '../../contract/cli/status.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ConnectorReport, GatewayReport, PoolReport } from '../../contract/gateway.ts';
import { storeReport } from '../gateway-stream/store-report.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { call, issuingController, refusal, reportSession, revisionOf } from './test-api.ts';
import type { IssuingController } from './test-api.ts';

const since = '2026-11-24T12:00:00.000Z';

/** What the gateway reports of health and of who serves what, and what the API makes of it. */
describe('what connectors do now', () => {
  let issuing: IssuingController;
  before(async () => {
    issuing = await issuingController();
  });
  after(async () => {
    await issuing[Symbol.asyncDispose]();
  });

  const api = () => issuing.controller;
  const details = async (id: string) => call(api(), networkDetailsRoutes.read, { id });

  async function makeNetwork(body: { name: string; egress?: boolean; prefix: string; connectors: string[] }) {
    const { name, egress, prefix, connectors } = body;
    const made = await call(api(), networkRoutes.create, {
      body: { name, egress, routes: [{ value: prefix }], connectors: connectors.map((each) => ({ name: each })) },
    });
    return { id: made.id, connectors: made.connectors.map(({ id }) => id) };
  }
  const online = async (...connectors: (string | undefined)[]): Promise<void> => {
    for (const connector of connectors) await reportSession(issuing, { connector: connector ?? '' }, { state: 'established' });
  };
  const healthOf = (connector: string | undefined, change: Partial<ConnectorReport> = {}): ConnectorReport => ({
    connector: connector ?? '',
    health: 'healthy',
    reason: '10.0.0.1 answers',
    since,
    target: '10.0.0.1',
    roundTripMs: 1.5,
    ...change,
  });
  const pool = (name: string, owners: (string | undefined)[], reason = 'the first of those that work'): PoolReport => ({
    pool: name,
    owners: owners.map((owner) => owner ?? ''),
    reason,
    since,
  });
  const report = async (connectors: ConnectorReport[], pools: PoolReport[]): Promise<void> => {
    const empty: Omit<GatewayReport, 'connectors' | 'pools'> = {
      appliedRevision: 1,
      full: false,
      lanes: [{ id: 'u0', state: 'up', device: 'cw0-u0', protocol: 'udp', port: 1194, clients: 0 }],
      sessions: [],
      problems: [],
      trusts: [],
    };
    await storeReport(api().deps.store, issuing.gateway, { ...empty, connectors, pools });
  };
  const problems = async (): Promise<Map<string, string>> => {
    const read: Status = status.parse((await api().request('GET', '/api/causeway/v1/status')).json());
    return new Map(read.problems.map(({ code, message }) => [code, message]));
  };
  const roles = async (id: string) => (await details(id)).connectors.map(({ name, role, health }) => `${name} ${role} ${health}`);

  it('shows health, reason, role, lane and what is probed, as the gateway reported it', async () => {
    const { id, connectors } = await makeNetwork({ name: 'HQ', prefix: '10.0.0.0/16', connectors: ['hq-1', 'hq-2', 'hq-3'] });
    const [first, second] = connectors;
    assert.deepEqual(await roles(id), ['hq-1 offline unhealthy', 'hq-2 offline unhealthy', 'hq-3 offline unhealthy']);
    await online(first, second);
    await report(
      [healthOf(first, { health: 'unhealthy', reason: 'its LAN is cut', roundTripMs: null }), healthOf(second)],
      [pool(`network:${id}`, [second])],
    );
    const read = await details(id);
    assert.deepEqual(await roles(id), ['hq-1 standby unhealthy', 'hq-2 active healthy', 'hq-3 offline unhealthy']);
    const { healthReason, healthSince, lane, probeTarget, roundTripMs, draining } = read.connectors[1] ?? assert.fail();
    assert.deepEqual(
      [healthReason, healthSince, lane, probeTarget, roundTripMs, draining],
      ['10.0.0.1 answers', since, 'c1', '10.0.0.1', 1.5, false],
    );
    assert.equal(read.connectors[2]?.healthReason, 'it is not connected');
    await api()
      .deps.store.database.updateTable('session')
      .set({ client_version: '2.6.14', platform: 'linux' })
      .where('connector_id', '=', second as ConnectorId)
      .execute();
    assert.deepEqual(
      (await details(id)).connectors.map(({ version }) => version),
      [null, '2.6.14 linux', null],
    );
    assert.deepEqual(read.serving, [
      { gatewayRegion: 'eu-central-1', connectorIds: [second], reason: 'the first of those that work', since },
    ]);
    assert.match(
      (await problems()).get('connector-unhealthy') ?? '',
      /hq-1 of network HQ is connected, but .*its LAN is cut.*causeway drain/,
    );

    await report(
      [healthOf(first), healthOf(second)],
      [pool(`network:${id}`, [first, second], 'all that work share the traffic')],
    );
    assert.deepEqual((await roles(id)).slice(0, 2), ['hq-1 sharing healthy', 'hq-2 sharing healthy']);
    await call(api(), networkConnectorRoutes.suspend, { id: first ?? '' });
    assert.equal((await details(id)).connectors[0]?.healthReason, 'it is suspended');

    await api()
      .database.store.database.updateTable('gateway')
      .set({ reported_at: new Date(Date.now() - 60_000) })
      .execute();
    assert.deepEqual((await roles(id)).slice(1, 2), ['hq-2 offline unhealthy'], 'a silent gateway is not believed');
    await call(api(), networkRoutes.remove, { id });
  });

  it('calls one that stands alone active and not probed, also while no gateway has said who serves it', async () => {
    const { id, connectors } = await makeNetwork({ name: 'Branch', prefix: '10.1.0.0/16', connectors: ['branch-1'] });
    await online(connectors[0]);
    await report([], []);
    assert.deepEqual(await roles(id), ['branch-1 active not-probed']);
    await report([], [pool(`network:${id}`, connectors)]);
    assert.deepEqual(await roles(id), ['branch-1 active not-probed']);
    await call(api(), networkRoutes.remove, { id });
  });

  it('warns of a prefix that covers the gateway’s own address, and of a target that never answered', async () => {
    const { id, connectors } = await makeNetwork({ name: 'Cloud', prefix: '203.0.113.0/24', connectors: ['a', 'b'] });
    await inModelTransaction(api().deps.store, systemActor, async ({ trx, record }) => {
      await trx
        .updateTable('gateway')
        .set({ public_addresses: JSON.parse('["203.0.113.9"]') })
        .execute();
      record({ entity: 'gateway', entityId: 'x', action: 'updated' });
    });
    const [warning] = (await details(id)).warnings;
    assert.equal(warning?.code, 'prefix-covers-gateway');
    assert.match(
      warning.message,
      /203\.0\.113\.0\/24 of network Cloud contains 203\.0\.113\.9, where the gateway local is reached/,
    );
    assert.equal((await problems()).get('prefix-covers-gateway'), warning.message);

    await call(api(), networkDetailsRoutes.change, { id, body: { probeTargets: ['203.0.113.1'] } });
    await online(...connectors);
    await report([healthOf(connectors[0], { target: null }), healthOf(connectors[1])], [pool(`network:${id}`, connectors)]);
    assert.match(
      (await problems()).get('probe-target-silent') ?? '',
      /connector a of network Cloud.*203\.0\.113\.1.*probeTargets/,
    );
    const now = new Date().toISOString();
    await report([healthOf(connectors[0], { target: null, since: now })], []);
    assert.equal((await problems()).get('probe-target-silent'), undefined, 'it has not had the time to answer');
    await call(api(), networkRoutes.remove, { id });
  });

  describe('internet gateways', () => {
    it('shows who leaves by which one now and why, and whose traffic is refused', async () => {
      const frankfurt = await makeNetwork({ name: 'Frankfurt', egress: true, prefix: '10.2.0.0/16', connectors: ['fra-1'] });
      const miami = await makeNetwork({ name: 'Miami', egress: true, prefix: '10.3.0.0/16', connectors: ['mia-1'] });
      const [fra, mia] = [frankfurt.connectors[0], miami.connectors[0]];
      const off = 'SPLIT_TUNNEL_OFF';
      const staff = await call(api(), userGroupRoutes.create, { body: { name: 'Staff', internetAccess: off } });
      const host = await call(api(), hostRoutes.create, {
        body: { name: 'Backup', internetAccess: off, gatewaysIds: [miami.id] },
      });
      await call(api(), userGroupRoutes.create, { body: { name: 'Kiosk', internetAccess: 'RESTRICTED_INTERNET' } });
      const classes = await api().database.store.database.selectFrom('egress_class').selectAll().execute();
      const ofKey = (key: string) => `egress:e${String(classes.find((each) => each.key === key)?.number)}`;
      await online(fra);
      const refusedReason = 'nobody is connected';
      await report(
        [healthOf(fra), healthOf(mia, { health: 'unhealthy', reason: 'it is not connected' })],
        [pool(ofKey('all'), [fra]), pool(ofKey(miami.id), [], refusedReason), pool(ofKey('restricted'), [fra])],
      );
      const use = {
        kind: 'user-group',
        id: staff.id,
        name: 'Staff',
        internetAccess: off,
        gatewayRegion: 'eu-central-1',
        reason: 'the first of those that work',
        since,
        connectorId: fra,
      };
      const { gateways, refused } = await call(api(), internetGatewayRoutes.list);
      assert.deepEqual(
        gateways.map(({ name, health, connectors, usedBy }) => [name, health, connectors[0]?.role, usedBy]),
        [
          ['Frankfurt', 'healthy', 'active', [use]],
          ['Miami', 'offline', 'offline', []],
        ],
        'restricted ones use none while no resolver is on the internet',
      );
      assert.deepEqual(refused, [
        {
          kind: 'host',
          id: host.id,
          name: 'Backup',
          internetAccess: off,
          gatewayRegion: 'eu-central-1',
          reason: refusedReason,
          since,
        },
      ]);
      assert.deepEqual((await details(frankfurt.id)).usedBy, [use]);
      assert.match(
        (await problems()).get('egress-refused') ?? '',
        /host Backup is refused \(eu-central-1: nobody is connected\)/,
      );

      await api().request('PUT', '/api/v1/settings/dns/custom-servers', { primaryIpV4: '9.9.9.9' });
      const withResolver = await call(api(), internetGatewayRoutes.list);
      assert.deepEqual(
        withResolver.gateways[0]?.usedBy.map(({ name }) => name),
        ['Staff', 'Kiosk'],
      );
      await api().request('PUT', '/api/v1/settings/dns/custom-servers', { primaryIpV4: '10.2.0.53' });
      assert.equal((await call(api(), internetGatewayRoutes.list)).gateways[0]?.usedBy.length, 1, 'a network has that resolver');

      await inModelTransaction(api().deps.store, systemActor, async ({ trx, record }) => {
        await trx.updateTable('gateway').set({ connector_lanes: 0 }).execute();
        record({ entity: 'gateway', entityId: 'x', action: 'updated' });
      });
      assert.match((await problems()).get('egress-on-shared-lane') ?? '', /fra-1 of network Frankfurt has no lane of its own/);
      assert.equal((await details(frankfurt.id)).connectors[0]?.lane, null);
      await call(api(), hostRoutes.update, { id: host.id, body: { gatewaysIds: [] } });
      await api().request('PUT', '/api/v1/settings/dns/custom-servers', {});
      for (const { id } of [frankfurt, miami]) await call(api(), networkRoutes.remove, { id });
      assert.match(
        (await problems()).get('no-internet-gateway') ?? '',
        /internet traffic of user group Staff, host Backup is refused\. Set egress/,
      );
    });
  });

  describe('draining', () => {
    it('is done once, said by an event, seen in the model, and taken back', async () => {
      const { id, connectors } = await makeNetwork({ name: 'Pair', prefix: '10.4.0.0/16', connectors: ['p-1', 'p-2'] });
      const [first = '', second = ''] = connectors;
      await online(first, second);
      await report([healthOf(first), healthOf(second)], [pool(`network:${id}`, [first])]);
      const revision = await revisionOf(api());
      const done = await call(api(), drainRoutes.drain, { id: first });
      assert.deepEqual(done, { id: first, name: 'p-1', networkId: id, draining: true, warning: null });
      assert.deepEqual(await call(api(), drainRoutes.drain, { id: first }), done);
      assert.equal(await revisionOf(api()), revision + 1);
      assert.deepEqual(await roles(id), ['p-1 draining healthy', 'p-2 standby healthy']);
      const last = async () =>
        (await api().database.store.database.selectFrom('event').select('topic').orderBy('seq', 'desc').executeTakeFirstOrThrow())
          .topic;
      assert.equal(await last(), 'connector.drained');
      const both = await call(api(), drainRoutes.drain, { id: second });
      assert.match(
        both.warning ?? '',
        /p-2 goes on serving its network: no other one can take over now: p-1 \(draining as well\)/,
      );
      for (const connector of [first, second]) {
        const resumed = await call(api(), drainRoutes.resume, { id: connector });
        assert.deepEqual([resumed.draining, resumed.warning], [false, null]);
      }
      assert.equal(await last(), 'connector.resumed');
      assert.equal(await revisionOf(api()), revision + 4);
      await call(api(), networkRoutes.remove, { id });
    });

    it('of the only connector is done, with a warning', async () => {
      const { id, connectors } = await makeNetwork({ name: 'Alone', prefix: '10.5.0.0/16', connectors: ['a-1'] });
      const done = await call(api(), drainRoutes.drain, { id: connectors[0] ?? '' });
      assert.match(done.warning ?? '', /a-1 goes on serving its network: it is the only one\. Add a second connector/);
      await call(api(), networkRoutes.remove, { id });
    });

    it('warns where the other one is not there', async () => {
      const { id, connectors } = await makeNetwork({ name: 'Half', prefix: '10.6.0.0/16', connectors: ['h-1', 'h-2'] });
      await online(connectors[0]);
      const done = await call(api(), drainRoutes.drain, { id: connectors[0] ?? '' });
      assert.match(done.warning ?? '', /h-2 \(it is not connected\)/);
      await call(api(), networkRoutes.remove, { id });
    });

    it('is refused for the connector of a host, and for one that does not exist', async () => {
      const host = await call(api(), hostRoutes.create, { body: { name: 'Single', connectors: [{ name: 's' }] } });
      const refused = await refusal(api(), drainRoutes.drain, { id: host.connectors[0]?.id ?? '' });
      assert.equal(refused.status, 409);
      assert.match(refused.message, /Connector s stands at a host.*Suspend it/);
      assert.equal((await refusal(api(), drainRoutes.resume, { id: '00000000-0000-4000-8000-000000000000' })).status, 404);
      const authorization = `Bearer ${await api().tokenWith(['network:modify'])}`;
      const url = drainRoutes.drain.path.replace(':id', host.connectors[0]?.id ?? '');
      const other = await api().app.inject({ method: 'PUT', url, headers: { authorization } });
      assert.equal(other.statusCode, 403, 'networks alone do not open what is a host’s');
    });
  });
});
