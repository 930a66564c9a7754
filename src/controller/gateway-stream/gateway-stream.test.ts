import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import type { GatewayReport, SessionReport } from '../../contract/gateway.ts';
import { gatewayWelcome } from '../../contract/gateway.ts';
import { compile } from '../../core/compile.ts';
import type { ConfigurationDelta } from '../../core/configuration-delta.ts';
import { applyDelta } from '../../core/configuration-delta.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { Serial } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { issueConnectorProfile } from '../pki/endpoint-profile.ts';
import { certificateRequest } from '../pki/certificate-request.ts';
import { newPrivateKey } from '../pki/key-pair.ts';
import { SignerClient } from '../pki/signer-client.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { systemActor } from '../principal.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import { startSigner } from '../signer/test-signer.ts';
import { loadModel } from '../store/load-model.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';

const serial = '40000000000000000000000000000001' as Serial;

describe('gateway stream', () => {
  let runningSigner: RunningSigner;
  let signer: SignerClient;
  let controller: TestController;
  let wpc: SmallWpc;
  let token: string;
  let port: number;
  const open: Stream[] = [];

  before(async () => {
    runningSigner = await startSigner();
    signer = new SignerClient(runningSigner.socketPath);
    controller = await testController({ signer });
    token = newSecret();
    wpc = await makeSmallWpc(controller.database.store, { tokenHash: hashSecret(token) });
    await controller.app.listen({ port: 0, host: '127.0.0.1' });
    const address = controller.app.server.address();
    assert.ok(typeof address === 'object' && address !== null);
    port = address.port;
  });
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });
  after(async () => {
    await controller.close();
    await signer.close();
    await runningSigner.stop();
  });

  const post = async (path: string, body: unknown) =>
    await controller.app.inject({
      method: 'POST',
      url: path,
      headers: { authorization: `Bearer ${token}` },
      payload: body as object,
    });

  async function stream(lastEventId?: number): Promise<Stream> {
    const opened = await openStream(port, token, lastEventId);
    open.push(opened);
    return opened;
  }

  async function rename(name: string): Promise<void> {
    await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      await trx.updateTable('network').set({ name }).where('id', '=', wpc.network).execute();
      await trx.updateTable('connector').set({ name }).where('id', '=', wpc.connector).execute();
      record({ entity: 'network', entityId: wpc.network, action: 'updated' });
    });
  }

  const truth = async (): Promise<GatewayConfiguration> => {
    const { model, sites } = await loadModel(controller.database.store.database);
    const site = sites.find(({ id }) => id === wpc.gateway);
    assert.ok(site !== undefined);
    return JSON.parse(JSON.stringify(compile(model, site))) as GatewayConfiguration;
  };

  it('is closed to everybody but gateways', async () => {
    for (const [method, url] of [
      ['POST', '/gateway/v1/hello'],
      ['GET', '/gateway/v1/stream'],
      ['POST', '/gateway/v1/report'],
    ] as const) {
      assert.equal((await controller.app.inject({ method, url })).statusCode, 401, url);
      assert.equal((await controller.request(method, url, {})).status, 401, `${url} with an API token`);
    }
  });

  it('welcomes a gateway: certificate for its key, keys of the lanes, lanes by its cores once and for all', async () => {
    const key = await newPrivateKey();
    const hello = { openvpnVersion: '2.6.14', agentVersion: '1', cores: 2, certificateRequest: certificateRequest(key) };
    const first = await post('/gateway/v1/hello', hello);
    assert.equal(first.statusCode, 200, first.body);
    const welcome = gatewayWelcome.parse(first.json());
    const certificate = new X509Certificate(welcome.certificate);
    assert.ok(certificate.checkPrivateKey(key));
    assert.equal(certificate.subject, 'CN=causeway-gateway');
    assert.ok(certificate.verify(new X509Certificate(welcome.ca).publicKey));
    assert.match(welcome.tlsCryptV2ServerKey, /^-----BEGIN OpenVPN tls-crypt-v2 server key-----\n/);
    const second = gatewayWelcome.parse((await post('/gateway/v1/hello', { ...hello, cores: 8 })).json());
    assert.equal(second.tlsCryptV2ServerKey, welcome.tlsCryptV2ServerKey);
    const row = await controller.database.store.database.selectFrom('gateway').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual([row.user_lanes, row.cores, row.openvpn_version], [2, 8, '2.6.14']);
    const refused = await post('/gateway/v1/hello', { ...hello, certificateRequest: 'nothing' });
    assert.equal(refused.statusCode, 400);
    assert.match(refused.body, /certificateRequest is not PEM/);
  });

  it('gives a snapshot first and then deltas that lead to exactly what compile says', async () => {
    const reader = await stream();
    await reader.reaches((await truth()).revision);
    assert.equal(reader.events[0]?.event, 'snapshot');
    assert.deepEqual(reader.configuration(), await truth());
    await rename('HQ 2');
    await issueConnectorProfile(controller.deps, systemActor, wpc.connector);
    await reader.reaches((await truth()).revision);
    assert.deepEqual(reader.configuration(), await truth());
    assert.ok(reader.events.slice(1).every(({ event }) => event === 'delta'));
  });

  it('goes on from the revision held, and gives a snapshot for one that it does not know', async () => {
    const first = await stream();
    await first.reaches((await truth()).revision);
    const held = first.configuration();
    first.close();
    await rename('HQ 3');
    const again = await stream(held.revision);
    await again.reaches((await truth()).revision);
    assert.deepEqual(
      again.events.map(({ event }) => event),
      ['delta'],
    );
    assert.deepEqual(applyDelta(held, again.events[0]?.data as ConfigurationDelta), await truth());
    for (const unknown of [held.revision - 1000, 999_999]) {
      const stranger = await stream(unknown);
      await stranger.reaches((await truth()).revision);
      assert.equal(stranger.events[0]?.event, 'snapshot');
    }
    const current = await stream((await truth()).revision);
    await rename('HQ 4');
    await current.reaches((await truth()).revision);
    assert.deepEqual(
      current.events.map(({ event }) => event),
      ['delta'],
    );
  });

  it('ends when the token of the gateway is replaced', async () => {
    const reader = await stream();
    await reader.reaches((await truth()).revision);
    const next = newSecret();
    await setToken(next);
    await reader.ended();
    await assert.rejects(openStream(port, token), /401/);
    token = next;
    await (await stream()).reaches((await truth()).revision);
  });

  async function setToken(next: string): Promise<void> {
    await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      await trx
        .updateTable('gateway')
        .set({ token_sha256: hashSecret(next) })
        .where('id', '=', wpc.gateway)
        .execute();
      record({ entity: 'gateway', entityId: wpc.gateway, action: 'updated' });
    });
  }

  const sessionOf = (key: string, change: Partial<SessionReport> = {}): SessionReport => ({
    key,
    lane: 'c0',
    endpoint: `connector:${wpc.connector}`,
    serial,
    state: 'established',
    clientAddress: '192.0.2.9:1194',
    startedAt: '2026-11-24T12:00:00.000Z',
    bytesIn: 1,
    bytesOut: 2,
    ...change,
  });
  const report = async (sessions: readonly SessionReport[], change: Partial<GatewayReport> = {}): Promise<void> => {
    const body = { appliedRevision: 1, full: false, lanes: [], sessions, problems: [], ...change };
    const answer = await post('/gateway/v1/report', body);
    assert.equal(answer.statusCode, 204, answer.body);
  };
  const events = async () =>
    (
      await controller.database.store.database
        .selectFrom('event')
        .select(['topic', 'payload'])
        .where('topic', 'like', 'connector.%')
        .orderBy('seq')
        .execute()
    ).map(({ topic, payload }) => ({ topic, payload }));
  const session = async (key: string) =>
    await controller.database.store.database.selectFrom('session').selectAll().where('key', '=', key).executeTakeFirstOrThrow();

  it('keeps sessions with the names of their time, lanes and problems', async () => {
    const lane = { id: 'u0', state: 'up', device: 'cw0-u0', protocol: 'udp', port: 1194, clients: 3 } as const;
    const problem = { code: 'route-refused', message: 'route 10.0.0.0/18 was refused' };
    await rename('HQ Network');
    await report([sessionOf('c0:1:1')], { appliedRevision: 17, lanes: [lane], problems: [problem] });
    const row = await session('c0:1:1');
    assert.deepEqual(
      [row.state, row.connector_name, row.site_name, row.tunnel_address, row.region, row.bytes_out],
      ['established', 'HQ Network', 'HQ Network', '100.96.0.100', 'eu-central-1', 2],
    );
    const gateway = await controller.database.store.database.selectFrom('gateway').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual([gateway.applied_revision, gateway.lanes, gateway.problems], [17, [lane], [problem]]);
    assert.ok(gateway.reported_at !== null);
    await report([
      sessionOf('u1:1:1', { endpoint: `device:${wpc.device}`, clientVersion: '2.6\u0000\u001b[31m\ud800', bytesIn: 1e300 }),
    ]);
    const device = await session('u1:1:1');
    assert.deepEqual([device.user_name, device.device_name, device.connector_name], ['bob', 'laptop', null]);
    assert.equal(device.client_version, '2.6\ufffd\ufffd[31m\ufffd');
  });

  it('tells when a connector comes and goes, not when it changes over to a new session', async () => {
    await report([sessionOf('c0:1:1', { state: 'ended', endedAt: '2026-11-24T12:10:00.000Z', reason: 'gone' })]);
    const from = (await events()).length;
    await report([sessionOf('c0:2:1')]);
    // The new session comes before the old one's end (openvpn.md 2.3).
    await report([sessionOf('c0:2:2')]);
    await report([sessionOf('c0:2:1', { state: 'ended', endedAt: '2026-11-24T12:20:00.000Z' })]);
    await report([sessionOf('c0:2:2', { bytesIn: 50 })]);
    await report([sessionOf('c0:2:2', { state: 'ended', endedAt: '2026-11-24T12:30:00.000Z' })]);
    assert.deepEqual(
      (await events()).slice(from).map(({ topic }) => topic),
      ['connector.online', 'connector.offline'],
    );
    assert.equal((await session('c0:2:2')).bytes_in, 1);
  });

  it('tells a refusal once for each reason, although the connector tries again and again', async () => {
    const from = (await events()).length;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await report([sessionOf(`c0:3:${attempt}`, { state: 'refused', reason: 'suspended' })]);
    }
    await report([sessionOf('c0:3:9', { state: 'refused', reason: 'in-use' })]);
    assert.deepEqual((await events()).slice(from), [
      { topic: 'connector.refused', payload: { reason: 'suspended' } },
      { topic: 'connector.refused', payload: { reason: 'in-use' } },
    ]);
  });

  it('ends with a full report what it does not list, and revives what comes back', async () => {
    await report([sessionOf('c0:4:1'), sessionOf('u1:4:2', { endpoint: `device:${wpc.device}` })]);
    const from = (await events()).length;
    await report([sessionOf('u1:4:2', { endpoint: `device:${wpc.device}` })], { full: true });
    const ended = await session('c0:4:1');
    assert.deepEqual([ended.state, (await session('u1:4:2')).state], ['ended', 'established']);
    assert.ok(ended.ended_at !== null);
    assert.deepEqual(
      (await events()).slice(from).map(({ topic }) => topic),
      ['connector.offline'],
    );
    await report([sessionOf('c0:4:1')]);
    const revived = await session('c0:4:1');
    assert.deepEqual([revived.state, revived.ended_at], ['established', null]);
    await report([], { full: true });
    assert.equal((await session('c0:4:1')).state, 'ended');
  });

  it('tells how health changes and where traffic moves, once', async () => {
    const { database } = controller.database.store;
    const second = '00000000-0000-4000-8000-00000000000b';
    const since = '2026-11-24T12:00:00.000Z';
    await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      await trx.updateTable('user_group').set({ internet_access: 'SPLIT_TUNNEL_OFF' }).where('name', '=', 'Staff').execute();
      await trx.updateTable('network').set({ internet_access: 'RESTRICTED_INTERNET' }).execute();
      record({ entity: 'user-group', entityId: 'x', action: 'updated' });
    });
    const health = (state: 'healthy' | 'unhealthy', owner: string, exit: string[]): Partial<GatewayReport> => ({
      connectors: [
        { connector: wpc.connector, health: state, reason: `it is \u0000${state}`, since, target: null, roundTripMs: null },
      ],
      pools: [
        { pool: `network:${wpc.network}`, owners: [owner], reason: 'best', since },
        { pool: 'egress:e1', owners: exit, reason: 'why', since },
        { pool: 'egress:e2', owners: exit, reason: 'nobody asks for it', since },
      ],
    });
    const latest = async (from: number) =>
      (
        await database
          .selectFrom('event')
          .select(['topic', 'entity_id', 'payload'])
          .where('seq', '>', from)
          .orderBy('seq')
          .execute()
      ).map(({ topic, entity_id, payload }) => ({ topic, entity_id, ...payload }));
    const position = async () => (await database.selectFrom('wpc').select('event_seq').executeTakeFirstOrThrow()).event_seq;
    await report([], health('healthy', wpc.connector, [wpc.connector]));
    const from = await position();
    await report([], health('healthy', wpc.connector, [wpc.connector]));
    assert.equal(await position(), from, 'a report that says the same tells nothing');
    await report([], health('unhealthy', second, []));
    await report([], health('unhealthy', second, []));
    const usedBy = [{ kind: 'user-group', name: 'Staff' }];
    const told = (await latest(from)).map((event) =>
      'usedBy' in event
        ? { ...event, usedBy: (event.usedBy as { kind: string; name: string }[]).map(({ kind, name }) => ({ kind, name })) }
        : event,
    );
    assert.deepEqual(told, [
      { topic: 'connector.unhealthy', entity_id: wpc.connector, reason: 'it is \ufffdunhealthy' },
      { topic: 'network.moved', entity_id: wpc.network, from: [wpc.connector], to: [second], reason: 'best' },
      { topic: 'egress.refused', entity_id: 'e1', from: [wpc.connector], to: [], reason: 'why', usedBy },
    ]);
    const later = await position();
    await report([], health('healthy', second, [second]));
    assert.deepEqual(
      (await latest(later)).map(({ topic }) => topic),
      ['connector.healthy', 'egress.moved'],
    );
    const row = await database.selectFrom('gateway').select(['connectors', 'pools']).executeTakeFirstOrThrow();
    assert.deepEqual([row.connectors.length, row.pools.length], [1, 3]);
    await report([], { connectors: undefined as never, pools: undefined as never });
    assert.deepEqual(await position(), later + 2, 'an agent of the version before says nothing of health');
  });

  it('notes the first use of a certificate, and takes a report that names one session twice', async () => {
    const { database } = controller.database.store;
    const issued = await database.selectFrom('certificate').selectAll().executeTakeFirstOrThrow();
    assert.equal(issued.first_used_at, null);
    await report([sessionOf('c0:5:1', { serial: issued.serial, state: 'refused' })]);
    const use = async () =>
      (
        await database
          .selectFrom('certificate')
          .select('first_used_at')
          .where('serial', '=', issued.serial)
          .executeTakeFirstOrThrow()
      ).first_used_at;
    assert.equal(await use(), null);
    await report([sessionOf('c0:5:2', { serial: issued.serial }), sessionOf('c0:5:2', { serial: issued.serial, bytesIn: 9 })]);
    assert.deepEqual(await use(), new Date('2026-11-24T12:00:00.000Z'));
    assert.equal((await session('c0:5:2')).bytes_in, 9);
  });

  it('refuses a report that is none, naming the field, and stores nothing of it', async () => {
    const answer = await post('/gateway/v1/report', {
      appliedRevision: 1,
      full: false,
      lanes: [],
      problems: [],
      sessions: [{ key: 'x:1:1' }],
    });
    assert.equal(answer.statusCode, 400);
    assert.match(answer.body, /sessions\.0\./);
  });

  it('serves the revocation list to anybody', async () => {
    const answer = await controller.app.inject({ url: '/crl.pem' });
    assert.equal(answer.statusCode, 200);
    assert.match(answer.body, /^-----BEGIN X509 CRL-----\n/);
    assert.equal((await controller.app.inject({ url: '/crl.pem' })).body, answer.body);
  });

  it('ends streams when the controller stops', async () => {
    const reader = await stream();
    await reader.reaches((await truth()).revision);
    await controller.app.close();
    await reader.ended();
  });
});

type StreamEvent = { readonly event: string; readonly id: number; readonly data: GatewayConfiguration | ConfigurationDelta };

type Stream = {
  readonly events: readonly StreamEvent[];
  /** What a gateway would hold now: the snapshot with all deltas applied. */
  readonly configuration: () => GatewayConfiguration;
  readonly reaches: (revision: number) => Promise<void>;
  readonly ended: () => Promise<void>;
  readonly close: () => void;
};

/** A reader of text/event-stream, as the gateway's agent is one, with waiting for what a test needs. */
function openStream(port: number, token: string, lastEventId?: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    };
    const request = http.get({ port, host: '127.0.0.1', path: '/gateway/v1/stream', headers, agent: false }, (response) => {
      if (response.statusCode === 200) {
        resolve(followStream(request, response));
      } else {
        response.resume();
        reject(new Error(`the stream answered ${String(response.statusCode)}`));
      }
    });
    request.once('error', reject);
  });
}

function followStream(request: http.ClientRequest, response: http.IncomingMessage): Stream {
  const events: StreamEvent[] = [];
  const changed = new EventTarget();
  let text = '';
  let closed = false;
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    events.push(...blocks.flatMap(readEvent));
    changed.dispatchEvent(new Event('change'));
  });
  response.on('error', () => undefined);
  response.once('close', () => {
    closed = true;
    changed.dispatchEvent(new Event('change'));
  });
  const until = (what: string, condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        changed.removeEventListener('change', check);
      };
      const check = (): void => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(
          new Error(
            `the stream did not ${what} within 10 s; it has ${events.map(({ event, id }) => `${event} ${id}`).join(', ')}`,
          ),
        );
      }, 10_000);
      changed.addEventListener('change', check);
      check();
    });
  return {
    events,
    configuration: () => events.reduce<GatewayConfiguration | undefined>(applyEvent, undefined) ?? assert.fail('no event came'),
    reaches: (revision) => until(`reach revision ${revision}`, () => events.at(-1)?.id === revision),
    ended: () => until('end', () => closed),
    close: () => request.destroy(),
  };
}

function applyEvent(held: GatewayConfiguration | undefined, { data }: StreamEvent): GatewayConfiguration {
  if (!('from' in data)) return data;
  assert.ok(held !== undefined, 'a delta came before a snapshot');
  return applyDelta(held, data);
}

function readEvent(block: string): StreamEvent[] {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
  );
  const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name));
  if (event === undefined || id === undefined || data === undefined) return [];
  return [{ event, id: Number(id), data: JSON.parse(data) as StreamEvent['data'] }];
}
