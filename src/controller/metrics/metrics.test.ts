import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { GatewayFigures, GatewayReport } from '../../contract/gateway.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { createApiCredential } from '../api-credential/api-credentials.ts';
import { buildController } from '../app.ts';
import type { ControllerApp } from '../deps.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { goodPassword, makePerson, TestBrowser } from '../identity/test-people.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { SignerClient } from '../pki/signer-client.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { systemActor } from '../principal.ts';
import { call } from '../routes/test-api.ts';
import { startSigner } from '../signer/test-signer.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { measureQueries } from './measure-database.ts';
import { metricTable } from './metric-table.ts';
import { Metrics } from './metrics.ts';
import { readExposition, valueOf } from './test-exposition.ts';

let controller: TestController;
let app: ControllerApp;
let store: Store;
let signer: RunningSigner;
let client: SignerClient;
let wpc: SmallWpc;
let standby: ConnectorId;
const metrics = new Metrics();
const gatewayToken = newSecret();
let authorization = '';

const at = '2026-11-27T12:00:00.000Z';
const openvpn = { clientVersion: '2.6.14', platform: 'linux' };

function figures(changes: Partial<GatewayFigures> = {}): GatewayFigures {
  return {
    startedAt: at,
    process: { cpuSeconds: 1.5, residentBytes: 70_000_000, openFiles: 31 },
    certificateExpiresAt: '2028-11-27T12:00:00.000Z',
    streamOpens: 2,
    failedReports: 1,
    kernel: {
      passes: { unchanged: 90, changed: 8, partial: 1, failed: 1 },
      passSeconds: 2.5,
      repairs: 1,
      failedSteps: { nft: 0, ip: 3 },
    },
    changes: { applied: 4, applySeconds: 0.5 },
    connects: [
      { outcome: 'accepted', count: 12 },
      { outcome: 'certificate-unknown', count: 2 },
    ],
    lanes: [{ lane: 'c0', exits: 1, bytesIn: 1000, bytesOut: 2000 }],
    connectors: [{ connector: wpc.connector, bytesIn: 1000, bytesOut: 2000, probesAnswered: 50, probesMissed: 3 }],
    moves: [{ pool: `network:${wpc.network}`, count: 2 }],
    ...changes,
  };
}

function report(changes: Partial<GatewayReport> = {}): GatewayReport {
  const since = { reason: 'it answers', since: at };
  return {
    appliedRevision: 1,
    trusts: [],
    full: true,
    lanes: [
      { id: 'c0', state: 'up', device: 'cw0-c0', protocol: 'udp', port: 1210, clients: 1 },
      { id: 'u0', state: 'down', device: 'cw0-u0', protocol: 'udp', port: 1194, clients: 0, reason: 'the port is in use' },
    ],
    sessions: [wpc.connector, standby].map((id, index) => ({
      key: `c0:1:${String(index)}`,
      lane: 'c0',
      endpoint: `connector:${id}`,
      serial: '0'.repeat(32),
      state: 'established',
      clientAddress: '192.0.2.1',
      startedAt: at,
      bytesIn: 0,
      bytesOut: 0,
      ...openvpn,
    })),
    connectors: [
      { connector: wpc.connector, health: 'healthy', target: '10.0.0.1', roundTripMs: 12.5, ...since },
      { connector: standby, health: 'unhealthy', target: '10.0.0.1', roundTripMs: null, ...since },
    ],
    pools: [
      { pool: `network:${wpc.network}`, owners: [wpc.connector], ...since },
      { pool: 'egress:e1', owners: [wpc.connector], ...since },
    ],
    problems: [{ code: 'kernel', message: 'a route is refused' }],
    figures: figures(),
    ...changes,
  };
}

async function send(body: GatewayReport): Promise<void> {
  const headers = { authorization: `Bearer ${gatewayToken}` };
  const answer = await app.inject({ method: 'POST', url: '/gateway/v1/report', headers, payload: body });
  assert.equal(answer.statusCode, 204, answer.body);
}

async function scrape(header = authorization) {
  const answer = await app.inject({ url: '/metrics', headers: { authorization: header } });
  assert.equal(answer.statusCode, 200, answer.body);
  return { families: readExposition(answer.body), text: answer.body, headers: answer.headers };
}

before(async () => {
  controller = await testController();
  signer = await startSigner();
  client = new SignerClient(signer.socketPath);
  store = openStore({ connectionString: controller.database.connectionString, onQuery: measureQueries(metrics) });
  const ca = await client.authority();
  app = await buildController({ ...controller.deps, store, metrics, signer: client, portalCertificate: () => ca });
  wpc = await makeSmallWpc(store, { tokenHash: hashSecret(gatewayToken) });
  const { clientId, clientSecret } = await createApiCredential(store, systemActor, {
    name: 'prometheus',
    permissions: ['metrics:read'],
    expiresAt: null,
  });
  authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  standby = await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const { rows } = await sql<{ id: ConnectorId }>`insert into connector (name, network_id, region, draining)
      select 'hq-1', id, 'us-mia', true from network returning id`.execute(trx);
    const id = rows[0]?.id ?? wpc.connector;
    await sql`insert into tunnel_address (address, connector_id) values ('100.96.0.101', ${id})`.execute(trx);
    await sql`update network set egress = true`.execute(trx);
    for (const owner of ['connector_id', 'device_id'] as const) {
      await sql`insert into certificate (serial, ${sql.ref(owner)}, not_before, not_after)
        values (${owner === 'device_id' ? 'd'.repeat(32) : 'c'.repeat(32)}, ${owner === 'device_id' ? wpc.device : wpc.connector}, now(), '2027-01-01T00:00:00Z')`.execute(
        trx,
      );
    }
    record({ entity: 'connector', entityId: id, action: 'created' });
    return id;
  });
  await call(controller, userGroupRoutes.create, { body: { name: 'By tunnel', internetAccess: 'SPLIT_TUNNEL_OFF' } });
  await sql`insert into mail (id, kind, user_id, recipient, expires_at, content, created_at)
    values (gen_random_uuid(), 'invitation', ${wpc.user}, 'a@b.example', now() + '1 day', '\\x00', now() - interval '2 hours')`.execute(
    store.database,
  );
  await sql`insert into backup_schedule (every_s, keep, directory, set_at) values (86400, 14, '/backups', now())`.execute(
    store.database,
  );
  await sql`insert into backup_run (kind, started_at, ended_at, file, bytes, error) values
    ('scheduled', '2026-11-20T10:00:00Z', '2026-11-20T10:00:05Z', 'a', 4096, null),
    ('scheduled', '2026-11-21T10:00:00Z', '2026-11-21T10:00:05Z', 'b', null, 'the disk is full')`.execute(store.database);
  await makePerson(controller, { username: 'owner@x', role: 'OWNER' });
  await new TestBrowser({ ...controller, app }).signIn('owner@x', goodPassword);
  await metrics.job('sweep')(async () => await Promise.resolve());
  await assert.rejects(sql`select * from nowhere`.execute(store.database));
  await app.inject({ url: '/api/v1/networks' });
  await app.inject({ url: '/nothing/here', headers: { accept: 'text/html' } });
  await send(report());
});
after(async () => {
  await app.close();
  await store.close();
  await client.close();
  await signer.stop();
  await controller.close();
});

/** The rows of the tables in docs/metrics.md: name, type, labels. */
async function documented(): Promise<Map<string, { readonly type: string; readonly labels: readonly string[] }>> {
  const page = await readFile(path.join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  const rows = page.matchAll(/^\| `((?:causeway|process|nodejs)_[a-z0-9_]+)` \| (\w+) \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$/gm);
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, each = '']) => each) },
    ]),
  );
}

describe('docs/metrics.md', () => {
  test('names what /metrics gives, with types and labels, and /metrics gives all that it names', async () => {
    const { families } = await scrape();
    const pages = await documented();
    assert.ok(pages.size > 60, 'the tables were not found');
    const given = [...families].map(([name, { type, samples }]) => {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)).filter((each) => each !== 'le'));
      assert.ok(samples.length > 0, `${name} has no series here, so nobody knows whether it is ever given`);
      return [name, { type, labels: [...labels].toSorted() }] as const;
    });
    const sorted = (entries: Iterable<readonly [string, { type: string; labels: readonly string[] }]>) =>
      Object.fromEntries(
        [...entries]
          .map(([name, { type, labels }]) => [name, { type, labels: labels.toSorted() }] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    assert.deepEqual(sorted(given), sorted(pages));
  });

  test('names what metric-table.ts does, in whose words /metrics explains it', async () => {
    const { families } = await scrape();
    for (const [name, { help }] of Object.entries(metricTable)) assert.equal(families.get(name)?.help, help, name);
  });
});

describe('names', () => {
  test('follow the conventions: base units, _total for what only grows, and nothing else', () => {
    for (const [name, { type }] of Object.entries(metricTable)) {
      assert.match(name, /^(causeway|process|nodejs)(_[a-z]+)+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(name, /_(ms|milliseconds|minutes|kb|mb|kilobytes|percent)(_|$)/);
      if (name.includes('timestamp')) assert.match(name, /_timestamp_seconds$/);
    }
  });
});

describe('what is read', () => {
  test('is when the last good backup was made, whatever failed since', async () => {
    const { families } = await scrape();
    assert.equal(valueOf(families, 'causeway_backup_interval_seconds', {}), 86_400);
    assert.equal(
      valueOf(families, 'causeway_backup_last_success_timestamp_seconds', {}),
      Date.parse('2026-11-20T10:00:00Z') / 1000,
    );
    assert.equal(valueOf(families, 'causeway_backup_last_success_bytes', {}), 4096);
  });

  test('is what the gateways reported', async () => {
    const { families } = await scrape();
    const value = (name: string, labels: Record<string, string> = {}) => valueOf(families, name, labels);
    assert.equal(value('causeway_gateway_up'), 1);
    assert.equal(value('causeway_gateway_applied_revision', { gateway: 'local' }), 1);
    assert.ok(value('causeway_gateway_revision_lag_seconds') > 0, 'two more revisions have come since');
    assert.equal(value('causeway_lane_up', { lane: 'c0' }), 1);
    assert.equal(value('causeway_lane_up', { lane: 'u0' }), 0);
    assert.equal(value('causeway_gateway_sessions', { kind: 'connector' }), 2);
    assert.equal(value('causeway_gateway_kernel_passes_total', { result: 'partial' }), 1);
    assert.equal(value('causeway_gateway_connects_total', { outcome: 'certificate-unknown' }), 2);
    assert.equal(value('causeway_gateway_failovers_total', { pool: 'network HQ Network' }), 2);
    const first = { site: 'HQ Network', connector: 'hq-1' };
    const second = { site: 'HQ Network', connector: `hq-1 (${standby.slice(0, 8)})` };
    assert.equal(value('causeway_connector_online', first), 1);
    assert.equal(value('causeway_connector_healthy', first), 1);
    assert.equal(value('causeway_connector_active', first), 1);
    assert.equal(value('causeway_connector_online', second), 1);
    assert.equal(value('causeway_connector_healthy', second), 0);
    assert.equal(value('causeway_connector_draining', second), 1);
    assert.equal(value('causeway_connector_probe_round_trip_seconds', first), 0.0125);
    assert.equal(value('causeway_connector_probes_total', { ...first, result: 'missed' }), 3);
    assert.equal(value('causeway_connector_received_bytes_total', first), 1000);
    assert.equal(value('causeway_network_connectors', { network: 'HQ Network', state: 'healthy' }), 1);
    assert.equal(value('causeway_network_egress_users', { network: 'HQ Network', kind: 'user-group' }), 1);
    assert.equal(value('causeway_certificate_expiry_timestamp_seconds', { kind: 'profile' }), Date.UTC(2027, 0, 1) / 1000);
    assert.equal(value('causeway_certificate_expiry_timestamp_seconds', { kind: 'gateway' }), Date.UTC(2028, 10, 27, 12) / 1000);
  });

  test('is every problem that status names, by its code', async () => {
    const { families } = await scrape();
    const answer = await controller.request('GET', '/api/causeway/v1/status');
    const { problems } = answer.json() as { problems: { code: string }[] };
    const codes = new Set(problems.map(({ code }) => code));
    assert.ok(codes.has('lane-down') && codes.has('kernel'), answer.text);
    assert.deepEqual(new Set(families.get('causeway_problem')?.samples.map(({ labels }) => labels['code'])), codes);
  });

  test('is how the API is used, by route and never by path', async () => {
    const { families } = await scrape();
    const value = (name: string, labels: Record<string, string>) => valueOf(families, name, labels);
    assert.equal(value('causeway_http_requests_total', { route: '/api/v1/networks', method: 'GET', status: '4xx' }), 1);
    assert.ok(value('causeway_http_refusals_total', { code: 'unauthenticated' }) >= 1);
    assert.equal(value('causeway_sign_ins_total', { way: 'password', result: 'signed-in' }), 1);
    const routes = new Set(families.get('causeway_http_requests_total')?.samples.map(({ labels }) => labels['route']));
    assert.equal(
      [...routes].some((route) => route?.includes('nothing/here')),
      false,
    );
    assert.equal(value('causeway_job_runs_total', { name: 'sweep', result: 'success' }), 1);
    assert.equal(valueOf(families, 'causeway_database_query_errors_total'), 1);
    const age = valueOf(families, 'causeway_mail_queue_age_seconds');
    assert.ok(age > 7_000 && age < 9_000, String(age));
  });

  test('has names of whatever letters, and does not let them break out of a label', async () => {
    const hostile = 'a"b\\c\nd{e="f"} 1';
    await store.database.transaction().execute(async (trx) => {
      await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
      await sql`update network set name = ${hostile}`.execute(trx);
    });
    const { families } = await scrape();
    assert.equal(valueOf(families, 'causeway_network_connectors', { network: hostile, state: 'all' }), 2);
  });

  test('forgets what a gateway said when it falls silent, and says that it is silent', async () => {
    const { database } = store;
    await database
      .updateTable('gateway')
      .set({ reported_at: new Date(Date.now() - 90_000) })
      .execute();
    metrics.gateways.keep(wpc.gateway, figures(), Date.now() - 90_000);
    const { families } = await scrape();
    assert.equal(valueOf(families, 'causeway_gateway_up'), 0);
    assert.equal(valueOf(families, 'causeway_lane_up', { lane: 'c0' }), 0);
    assert.equal(families.get('causeway_gateway_kernel_passes_total')?.samples.length, 0);
    assert.equal(valueOf(families, 'causeway_ready'), 0);
    await send(report());
  });

  test('is taken from agents of before too, without what they do not count', async () => {
    const { figures: _none, ...before } = report();
    await send(before);
    assert.equal(valueOf((await scrape()).families, 'causeway_gateway_up'), 1);
  });

  test('costs the same number of statements for one connector and for a hundred', async () => {
    const statements = async (): Promise<number> => {
      const count = () => metrics.text([]).then((text) => Number(/query_duration_seconds_count (\d+)/.exec(text)?.[1]));
      const first = await count();
      await scrape();
      return (await count()) - first;
    };
    const few = await statements();
    await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
      await sql`with made as (insert into connector (name, network_id, region)
          select 'more ' || number, ${wpc.network}::uuid, 'us-mia' from generate_series(1, 100) number returning id, number)
        insert into tunnel_address (address, connector_id) select '100.97.0.0'::inet + number, id from made`.execute(trx);
      record({ entity: 'connector', entityId: wpc.connector, action: 'created' });
    });
    assert.equal(await statements(), few);
  });
});

describe('who may read', () => {
  const ask = async (header: string) =>
    (await app.inject({ url: '/metrics', headers: header === '' ? {} : { authorization: header } })).statusCode;

  test('is who shows a client id and secret with metrics:read, or a token of it; nobody else', async () => {
    assert.equal(await ask(authorization), 200);
    assert.equal(await ask(`Bearer ${await controller.tokenWith(['metrics:read'])}`), 200);
    assert.equal(await ask(`Bearer ${await controller.tokenWith(['status:read'])}`), 403);
    assert.equal(await ask(''), 401);
    assert.equal(await ask(`Basic ${Buffer.from('nobody:secret').toString('base64')}`), 401);
    assert.equal(await ask('Basic %'), 401);
  });

  test('opens nothing else with it: neither other routes, nor these by Basic', async () => {
    for (const url of ['/api/v1/networks', '/api/causeway/v1/status']) {
      const answer = await app.inject({ url, headers: { authorization } });
      assert.equal(answer.statusCode, 401, url);
    }
  });

  test('is refused from the moment on at which the credential is withdrawn', async () => {
    const { clientId, clientSecret } = await createApiCredential(store, systemActor, {
      name: 'other',
      permissions: ['metrics:read'],
      expiresAt: null,
    });
    const header = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    assert.equal(await ask(header), 200);
    assert.equal(await ask(header.replace('Basic', 'basic')), 200);
    const list = await store.database
      .selectFrom('api_credential')
      .select('last_used_at')
      .where('client_id', '=', clientId)
      .execute();
    assert.notEqual(list[0]?.last_used_at, null, 'the list says that it is used');
    await store.database.deleteFrom('api_credential').where('client_id', '=', clientId).execute();
    assert.equal(await ask(header), 401);
  });
});

test('without the database it says so to whom it knows, and what it counts itself', async () => {
  const away = openStore({ connectionString: 'postgres:///causeway?host=/nonexistent&user=causeway' });
  let isAway = false;
  const switching: Store = {
    ...store,
    get database() {
      return isAway ? away.database : store.database;
    },
  };
  const other = await buildController({ ...controller.deps, store: switching, metrics: new Metrics() });
  try {
    const ask = async (header: string) => await other.inject({ url: '/metrics', headers: { authorization: header } });
    assert.equal((await ask(authorization)).statusCode, 200);
    isAway = true;
    const answer = await ask(authorization);
    assert.equal(answer.statusCode, 200, answer.body);
    const families = readExposition(answer.body);
    assert.equal(valueOf(families, 'causeway_database_up'), 0);
    assert.equal(valueOf(families, 'causeway_ready'), 0);
    assert.equal(families.has('causeway_revision'), false);
    assert.ok(valueOf(families, 'causeway_http_requests_total', { route: '/metrics', status: '2xx' }) > 0);
    assert.equal((await ask(`Basic ${Buffer.from('some:body').toString('base64')}`)).statusCode, 503, 'strangers are not let in');
  } finally {
    await other.close();
    await away.close();
  }
});
