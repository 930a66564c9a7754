import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { deviceDetailsRoutes } from '../../contract/api/device-details.ts';
import type { SessionReport } from '../../contract/gateway.ts';
import type { DeviceEnforcement } from '../../core/device-identity.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { systemActor } from '../principal.ts';
import { call } from '../routes/test-api.ts';
import { changeWpcSettings } from '../settings/wpc-settings.ts';
import { loadModel } from '../store/load-model.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';

const mac = '02:42:ac:11:00:02';

describe('which machine a device belongs to', () => {
  let controller: TestController;
  let wpc: SmallWpc;
  const token = newSecret();

  before(async () => {
    controller = await testController();
    wpc = await makeSmallWpc(controller.database.store, { tokenHash: hashSecret(token) });
  });
  after(async () => await controller.close());
  beforeEach(async () => {
    await enforce('OFF');
    await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      await trx.updateTable('device').set({ client_uuid: '', machine_forgotten_at: null }).execute();
      record({ entity: 'device', entityId: wpc.device, action: 'updated' });
    });
  });

  const enforce = async (wanted: DeviceEnforcement): Promise<void> =>
    await changeWpcSettings(controller.database.store, systemActor, () => ({ device_enforcement: wanted }));

  const session = (change: Partial<SessionReport> = {}): SessionReport => ({
    key: 'u0:1:1',
    lane: 'u0',
    endpoint: `device:${wpc.device}`,
    serial: '40000000000000000000000000000001',
    state: 'established',
    clientAddress: '198.51.100.7',
    startedAt: '2026-05-01T08:00:00.000Z',
    bytesIn: 0,
    bytesOut: 0,
    machine: mac,
    ...change,
  });

  async function report(...sessions: readonly SessionReport[]): Promise<void> {
    const answer = await controller.app.inject({
      method: 'POST',
      url: '/gateway/v1/report',
      headers: { authorization: `Bearer ${token}` },
      payload: { appliedRevision: 1, full: false, lanes: [], sessions, problems: [] },
    });
    assert.equal(answer.statusCode, 204, answer.body);
  }

  async function known(): Promise<{ readonly machine: string | undefined; readonly revision: number }> {
    const { model } = await loadModel(controller.database.store.database);
    return { machine: model.devices[0]?.clientUuid, revision: model.revision };
  }

  it('is learnt from its first tunnel, once, and stands in the audit', async () => {
    await enforce('LEARN_AND_ENFORCE');
    const before = await known();
    await report(session({ machine: mac.toUpperCase() }), session({ key: 'u0:1:2', machine: 'another' }));
    assert.deepEqual(await known(), { machine: mac, revision: before.revision + 1 });
    await report(session({ key: 'u0:1:3', machine: 'another' }));
    await report(session());
    assert.deepEqual(await known(), { machine: mac, revision: before.revision + 1 }, 'nothing more is learnt');
    const [entry] = await controller.database.store.database
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'machine-learnt')
      .execute();
    assert.deepEqual([entry?.entity_id, entry?.after], [wpc.device, { clientUuid: mac }]);
  });

  for (const [name, enforcement, change] of [
    ['while nothing is enforced', 'OFF', {}],
    ['where only known machines are let in', 'ENFORCE', {}],
    ['from one that says nothing', 'LEARN_AND_ENFORCE', { machine: undefined }],
    ['from one that says blanks', 'LEARN_AND_ENFORCE', { machine: '  ' }],
    ['from one that was refused', 'LEARN_AND_ENFORCE', { state: 'refused', reason: 'endpoint-suspended' }],
    ['from one that has ended', 'LEARN_AND_ENFORCE', { state: 'ended', reason: 'disconnected' }],
  ] satisfies [string, DeviceEnforcement, Partial<SessionReport>][]) {
    it(`is not learnt ${name}`, async () => {
      await enforce(enforcement);
      const before = await known();
      await report(session(change));
      assert.deepEqual(await known(), before);
    });
  }

  it('is learnt anew, once it was forgotten, from a tunnel that came up since', async () => {
    await enforce('LEARN_AND_ENFORCE');
    await report(session());
    await call(controller, deviceDetailsRoutes.forgetMachine, { id: wpc.device });
    await report(session());
    assert.equal((await known()).machine, '', 'the tunnel of before says nothing');
    await report(session({ key: 'u0:1:9', machine: 'another', startedAt: new Date(Date.now() + 1_000).toISOString() }));
    assert.equal((await known()).machine, 'another');
  });

  it('is not learnt of a device that is gone meanwhile, nor of a connector', async () => {
    await enforce('LEARN_AND_ENFORCE');
    const before = await known();
    await report(
      session({ endpoint: 'device:00000000-0000-4000-8000-000000000001' }),
      session({ endpoint: `connector:${wpc.connector}` }),
    );
    assert.deepEqual(await known(), before);
  });
});
