import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { change } from '../../contract/api/change.ts';
import type { Change } from '../../contract/api/change.ts';
import type { GatewayReport } from '../../contract/gateway.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

let controller: TestController;
let wpc: SmallWpc;
const gatewayToken = newSecret();
const agentToken = newSecret();
before(async () => {
  controller = await testController();
  wpc = await makeSmallWpc(controller.deps.store, { tokenHash: hashSecret(gatewayToken) });
  await controller.deps.store.database
    .insertInto('agent_credential')
    .values({ secret_sha256: hashSecret(agentToken), connector_id: wpc.connector, expires_at: new Date(Date.now() + 3_600_000) })
    .execute();
});
after(async () => {
  await controller.close();
});

async function follow(id: string | number): Promise<Change> {
  const answer = await controller.request('GET', `/api/causeway/v1/changes/${String(id)}`);
  assert.equal(answer.status, 200, answer.text);
  return change.parse(answer.json());
}

async function addNetwork(name: string): Promise<{ readonly revision: number; readonly requestId: string; readonly id: string }> {
  const answer = await controller.request('POST', '/api/v1/networks', { name });
  assert.equal(answer.status, 200, answer.text);
  const { id } = answer.json() as { id: string };
  return { revision: Number(answer.headers['x-change-id']), requestId: String(answer.headers['x-request-id']), id };
}

const at = '2026-11-27T12:00:00.000Z';

async function report(changes: Partial<GatewayReport>): Promise<number> {
  const nothing = { full: false, lanes: [], sessions: [], connectors: [], pools: [], problems: [], trusts: [] };
  const body: GatewayReport = { appliedRevision: null, ...nothing, ...changes };
  const headers = { authorization: `Bearer ${gatewayToken}` };
  return (await controller.app.inject({ method: 'POST', url: '/gateway/v1/report', headers, payload: body })).statusCode;
}

function applied(revision: number, commands: string[] = ['route replace 10.9.0.0/16 dev cw0-c0']) {
  return { revision, receivedAt: at, appliedAt: at, tookMs: 12.5, steps: { route: 1 }, commands };
}

async function askDesired(revision: number): Promise<number> {
  const url = `/api/causeway/v1/connector-agent/desired?revision=${String(revision)}&wait=0`;
  return (await controller.app.inject({ url, headers: { authorization: `Bearer ${agentToken}` } })).statusCode;
}

/** Looks until there is something, for 10 s at most. */
async function sooner<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  for (const giveUpAt = performance.now() + 10_000; performance.now() < giveUpAt; await delay(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`waited 10 s in vain: ${what}`);
}

describe('the answer to a request', () => {
  test('says which change it made, and the log says it under the id of the request', async () => {
    const { revision, requestId } = await addNetwork('A');
    const current = await controller.deps.store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
    assert.equal(revision, current.revision);
    const lines = controller
      .logged()
      .split('\n')
      .filter((line) => line.includes(requestId))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.['revision'], revision);
    assert.equal(lines[0]?.['status'], 200);
  });

  test('says none where nothing was changed: reading, a refusal, a change that is only tried, the same again', async () => {
    const { id } = await addNetwork('Same');
    const answers = [
      await controller.request('GET', '/api/v1/networks'),
      await controller.request('POST', '/api/v1/networks', { name: '' }),
      await controller.request('DELETE', `/api/v1/dry-run/networks/${id}`),
      await controller.request('PUT', `/api/v1/networks/${id}`, { name: 'Same' }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 400, 200, 200],
    );
    for (const { headers, text } of answers) assert.equal(headers['x-change-id'], undefined, text);
  });
});

describe('a change', () => {
  test('is found by its number and by its request, with who asked and what it did', async () => {
    const { revision, requestId, id } = await addNetwork('B');
    const found = await follow(revision);
    assert.deepEqual(await follow(requestId), found);
    assert.deepEqual(await follow(requestId.toUpperCase()), found);
    const { kind, name, requestId: shown } = found.who ?? {};
    assert.deepEqual([kind, name, shown], ['api-credential', 'test', requestId]);
    assert.deepEqual(
      found.did.map((deed) => [deed.entity, deed.action, deed.name, deed.entityId]),
      [['network', 'created', 'B', id]],
    );
    assert.equal(found.did[0]?.after?.['name'], 'B');
    assert.deepEqual(found.cameOfIt, [], 'the event says the same as the audit');
  });

  test('does not take in what happened later without changing the model', async () => {
    const { revision } = await addNetwork('C');
    await sql`insert into event (seq, revision, topic, entity, entity_id, at)
      select event_seq + 1000, revision, 'connector.online', 'connector', ${wpc.connector}, now() from wpc`.execute(
      controller.deps.store.database,
    );
    assert.deepEqual((await follow(revision)).cameOfIt, []);
  });

  test('waits at a gateway until that says that its kernel has it, and then says what the kernel was given', async () => {
    const { revision } = await addNetwork('D');
    const [waiting] = (await follow(revision)).gateways;
    assert.deepEqual([waiting?.gateway, waiting?.state, waiting?.by], ['local', 'waiting', null]);
    assert.equal(
      await report({
        appliedRevision: revision,
        applied: [applied(revision, ['route replace 10.9.0.0/16 dev cw0-c0', 'x\0\u0007y'])],
      }),
      204,
    );
    const [done] = (await follow(revision)).gateways;
    assert.deepEqual(done, {
      gateway: 'local',
      state: 'applied',
      by: revision,
      receivedAt: at,
      appliedAt: at,
      tookMs: 12.5,
      steps: { route: 1 },
      commands: ['route replace 10.9.0.0/16 dev cw0-c0', 'x\ufffd\ufffdy'],
    });
    assert.equal(await report({ appliedRevision: revision, applied: [applied(revision)] }), 204, 'told twice');
    assert.equal((await follow(revision)).gateways[0]?.commands.length, 2, 'the first word counts');
  });

  test('that came together with later ones is applied by the last of them', async () => {
    const first = await addNetwork('E');
    const last = await addNetwork('F');
    await report({ appliedRevision: last.revision, applied: [applied(last.revision)] });
    const [gateway] = (await follow(first.revision)).gateways;
    assert.deepEqual([gateway?.state, gateway?.by], ['applied', last.revision]);
  });

  test('is applied also at a gateway of before, which does not say when', async () => {
    const { revision } = await addNetwork('G');
    await report({ appliedRevision: revision });
    const [gateway] = (await follow(revision)).gateways;
    assert.deepEqual([gateway?.state, gateway?.by, gateway?.appliedAt], ['applied', null, null]);
  });

  test('is at a connector when its agent asks for what comes after it', async () => {
    const { revision } = await addNetwork('H');
    assert.equal(await askDesired(99_999_999), 503);
    const found = await sooner('the connector is told to have it', async () => {
      // Without a signer nothing can be desired; that the agent asked is enough. It asks again, as an agent does: what the controller has
      // not heard of yet is not believed.
      assert.equal(await askDesired(revision), 503);
      const seen = await follow(revision);
      return seen.connectors.have > 0 ? seen : undefined;
    });
    const { have, all, first } = found.connectors;
    assert.deepEqual([have, all, first.map(({ name }) => name)], [1, 1, ['hq-1']]);
    const later = await addNetwork('I');
    assert.equal((await follow(later.revision)).connectors.have, 0, 'a revision that there is not yet is not believed');
  });

  test('that there is not is not found, whatever the text is', async () => {
    for (const id of ['999999', '0', '-1', 'x', '00000000-0000-4000-8000-000000000000', '1e3', "1'--", '9'.repeat(30)]) {
      const answer = await controller.request('GET', `/api/causeway/v1/changes/${encodeURIComponent(id)}`);
      assert.equal(answer.status, 404, `${id}: ${answer.text}`);
    }
  });
});

test('the list has the newest first, and goes on before a change', async () => {
  const made = [await addNetwork('J'), await addNetwork('K')];
  const list = async (query: string) =>
    (await controller.request('GET', `/api/causeway/v1/changes?${query}`)).json() as {
      changes: { revision: number; who: string; did: string[]; requestId: string }[];
    };
  const { changes } = await list('limit=2');
  assert.deepEqual(
    changes.map(({ revision, requestId, did }) => [revision, requestId, did]),
    made.toReversed().map(({ revision, requestId }) => [revision, requestId, ['network created']]),
  );
  const older = await list(`limit=1&before=${String(made[0]?.revision ?? 0)}`);
  assert.ok((older.changes[0]?.revision ?? 0) < (made[0]?.revision ?? 0));
});

test('what gateways and connectors said is not kept for ever', async () => {
  const { database } = controller.deps.store;
  await sql`insert into applied_change (connector_id, revision) select ${wpc.connector}, -number from generate_series(1, 200) number`.execute(
    database,
  );
  await sql`insert into applied_change (gateway_id, revision) values (${wpc.gateway}, -20000)`.execute(database);
  const { revision } = await addNetwork('L');
  await report({ appliedRevision: revision, applied: [applied(revision)] });
  const count = async (connector: ConnectorId) =>
    (await database.selectFrom('applied_change').select('revision').where('connector_id', '=', connector).execute()).length;
  await sooner('all but the last 50 are gone', async () => {
    await askDesired(revision);
    return (await count(wpc.connector)) <= 50 ? true : undefined;
  });
  const old = await database.selectFrom('applied_change').select('at').where('revision', '=', -20_000).execute();
  assert.deepEqual(old, []);
});
