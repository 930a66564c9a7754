import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import type { ConnectorId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { formatAddress, strictAddress } from '../../core/ip/address.ts';
import { formatPrefix, strictPrefix } from '../../core/ip/prefix.ts';
import type { ProbeQuestion } from '../../core/trace/probe.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { SignerClient } from '../pki/signer-client.ts';
import { systemActor } from '../principal.ts';
import { startSigner } from '../signer/test-signer.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { AgentRequests } from './agent-requests.ts';
import { Probes } from './probes.ts';

const api = '/api/causeway/v1/connector-agent';
const address = (text: string): AddressText => formatAddress(strictAddress(text));
const tcp = (target: string, port = 443): ProbeQuestion => ({
  kind: 'lan',
  protocol: 'tcp',
  target: address(target),
  port,
  bytes: null,
});
const ping: ProbeQuestion = { kind: 'overlay', protocol: 'icmp', target: address('10.0.0.20'), port: null, bytes: 1400 };
const actor = { ...systemActor, sourceAddress: '192.0.2.1' };

describe('probes by connector agents', () => {
  let signer: RunningSigner;
  let client: SignerClient;
  let controller: TestController;
  let wpc: SmallWpc;
  let credential: string;
  /** Without the limits of one connector, which have their own test: each test has its own `Probes` on the same requests. */
  const probes = () => new Probes(controller.database.store, controller.deps.probes.requests);
  const polls: Promise<string>[] = [];

  before(async () => {
    signer = await startSigner();
    client = new SignerClient(signer.socketPath);
    controller = await testController({ signer: client });
    wpc = await makeSmallWpc(controller.database.store);
    credential = await credentialOf(wpc.connector);
  });
  afterEach(async () => {
    await Promise.all(polls.splice(0));
  });
  after(async () => {
    await controller.close();
    await client.close();
    await signer.stop();
  });

  const database = () => controller.database.store.database;

  async function credentialOf(connector: ConnectorId): Promise<string> {
    const secret = newSecret();
    await database()
      .insertInto('agent_credential')
      .values({ secret_sha256: hashSecret(secret), connector_id: connector, expires_at: new Date(Date.now() + 3_600_000) })
      .execute();
    return secret;
  }

  const get = async (url: string): Promise<string> =>
    (await controller.app.inject({ method: 'GET', url: `${api}/${url}`, headers: { authorization: `Bearer ${credential}` } }))
      .body;
  const post = async (url: string, body: string, secret = credential): Promise<number> =>
    (
      await controller.app.inject({
        method: 'POST',
        url: `${api}/${url}`,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'text/plain' },
        payload: body,
      })
    ).statusCode;

  /** Begins a long poll with the present revision; gives its answer. */
  async function poll(asks: 'yes' | 'no' = 'yes'): Promise<{ readonly text: Promise<string> }> {
    const { revision } = await database().selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
    const text = get(`desired?revision=${String(revision)}&wait=2${asks === 'yes' ? '&asks=yes' : ''}`);
    polls.push(text);
    const presence = asks === 'yes' ? 'polls' : 'too-old';
    while (controller.deps.probes.requests.presence(wpc.connector) !== presence)
      await new Promise((resolve) => setImmediate(resolve));
    return { text };
  }
  const idOf = (text: string): string => /^ask (\S+) \d$/m.exec(text)?.[1] ?? 'none';

  const lastAudit = async () =>
    await database().selectFrom('audit').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();

  it('reach an agent that waits, at once, and come back with their answers', async () => {
    const { text } = await poll();
    const began = performance.now();
    const asked = probes().ask(wpc.connector, [tcp('10.0.0.20'), ping], { actor });
    const lines = await text;
    const id = idOf(lines);
    assert.match(
      lines,
      /^revision \d+\n[^]*\nask \S{36} 2\nprobe 0 lan tcp 10\.0\.0\.20 443 -\nprobe 1 overlay icmp 10\.0\.0\.20 - 1400\nend\n$/,
    );
    const audit = await lastAudit();
    assert.equal(audit.action, 'probed');
    assert.equal(audit.source_address, '192.0.2.1');
    assert.match(JSON.stringify(audit.after), /"target": ?"10\.0\.0\.20"/);
    assert.equal(await post(`answers?ask=${id}`, '0 answered Connected\u001b[31m to\n1 silent 100% packet loss\n'), 204);
    const batch = await asked;
    assert.ok(batch.kind === 'answered');
    assert.deepEqual(
      batch.results.map(({ answer, quote, question }) => [answer, quote, question.kind]),
      [
        ['answered', 'Connected [31m to', 'lan'],
        ['silent', '100% packet loss', 'overlay'],
      ],
    );
    assert.ok(performance.now() - began < 2_000);
    assert.equal(await post(`answers?ask=${id}`, '0 answered x\n1 silent y\n'), 404, 'a second time');
    assert.doesNotMatch(await get('desired?asks=yes'), /^ask/m, 'given out once');
  });

  it('wait for an agent that is about to poll, one request for each poll', async () => {
    const asker = probes();
    const first = asker.ask(wpc.connector, [tcp('10.0.0.20')], { actor, timeout_ms: 30_000 });
    const second = asker.ask(wpc.connector, [tcp('10.0.0.21')], { actor, timeout_ms: 30_000 });
    for (const asked of [first, second]) {
      const lines = await (await poll()).text;
      assert.equal(lines.match(/^ask/gm)?.length, 1);
      assert.equal(await post(`answers?ask=${idOf(lines)}`, '0 refused Connection refused\n'), 204);
      assert.equal((await asked).kind, 'answered');
    }
  });

  it('give the fresh observation with the answers, and answers without one in the end', async () => {
    const { text } = await poll();
    const asked = probes().ask(wpc.connector, [ping], { actor, observe: true });
    const id = idOf(await text);
    assert.equal(await post(`answers?ask=${id}`, '0 too-big mtu = 1400\n'), 204);
    assert.equal(await post(`answers?ask=${id}`, '0 too-big mtu = 1400\n'), 404, 'twice');
    assert.equal(await post(`answers?ask=${id}`, 'observed\n'), 204);
    const batch = await asked;
    assert.ok(batch.kind === 'answered' && batch.observedAt !== null);
    const late = await poll();
    const without = probes().ask(wpc.connector, [ping], { actor, observe: true, timeout_ms: 500 });
    assert.equal(await post(`answers?ask=${idOf(await late.text)}`, '0 too-big mtu = 1400\n'), 204);
    const partly = await without;
    assert.ok(partly.kind === 'answered' && partly.observedAt === null && partly.results.length === 1);
    const alone = await poll();
    const observing = probes().observe(wpc.connector, { actor });
    assert.equal(await post(`answers?ask=${idOf(await alone.text)}`, 'observed\n'), 204);
    assert.equal((await observing).kind, 'observed');
  });

  it('have fixes done, and both the wish and what came of it in the audit', async () => {
    const { text } = await poll();
    const asked = probes().act(
      wpc.connector,
      [
        { kind: 'sysctl', name: 'net/ipv4/conf/eth0.100/rp_filter', value: 2 },
        { kind: 'accept-forward', family: 'ip', table: 'filter', chain: 'FORWARD' },
        { kind: 'forget-flows' },
      ],
      { actor },
    );
    const lines = await text;
    assert.match(
      lines,
      /^act 0 sysctl net\/ipv4\/conf\/eth0\.100\/rp_filter 2\nact 1 accept-forward ip filter FORWARD\nact 2 forget-flows$/m,
    );
    assert.equal((await lastAudit()).action, 'fix-requested');
    await post(`answers?ask=${idOf(lines)}`, '0 done was 1\n1 failed no such chain\n2 done 3 flows\n');
    const batch = await asked;
    assert.ok(batch.kind === 'answered');
    assert.deepEqual(
      batch.results.map(({ done, words }) => [done, words]),
      [
        [true, 'was 1'],
        [false, 'no such chain'],
        [true, '3 flows'],
      ],
    );
    const audit = await lastAudit();
    assert.equal(audit.action, 'fixed');
    assert.match(JSON.stringify(audit.after), /no such chain/);
  });

  it('are refused towards anything that is not this network’s, and when they are none', async () => {
    const refused: readonly (readonly ProbeQuestion[])[] = [
      [tcp('192.0.2.1')],
      [tcp('10.0.64.1')],
      [tcp('100.96.0.1')],
      [{ ...ping, target: address('fd00::1') }],
      [{ ...ping, bytes: 27 }],
      [{ ...ping, port: 1 }],
      [{ ...tcp('10.0.0.20'), port: null }],
      [tcp('10.0.0.20', 0)],
      [tcp('10.0.0.20', 65_536)],
      [{ ...tcp('10.0.0.20'), bytes: 100 }],
      [],
      Array.from({ length: 9 }, () => ping),
      [ping, tcp('192.0.2.1')],
    ];
    for (const questions of refused) {
      const batch = await probes().ask(wpc.connector, questions, { actor });
      assert.equal(batch.kind, 'refused', JSON.stringify(questions));
    }
    const batch = await probes().ask(wpc.connector, [tcp('192.0.2.1')], { actor });
    assert.ok(batch.kind === 'refused');
    assert.match(batch.reason, /192\.0\.2\.1.* is no IPv4 address behind this connector/);
    for (const [name, value] of [
      ['kernel/core_pattern', 1],
      ['net/ipv4/conf/all/rp_filter', 1],
      ['net/ipv4/conf/a b/forwarding', 1],
      ['net/ipv4/conf/../forwarding', 1],
      ['net/ipv4/conf/x\nreboot/forwarding', 1],
    ] as const) {
      const acted = await probes().act(wpc.connector, [{ kind: 'sysctl', name, value }], { actor });
      assert.equal(acted.kind, 'refused', name);
    }
    for (const chain of ['a b', 'x\nend', '', '$(reboot)']) {
      const acted = await probes().act(wpc.connector, [{ kind: 'accept-forward', family: 'ip', table: 'filter', chain }], {
        actor,
      });
      assert.equal(acted.kind, 'refused', chain);
    }
    assert.equal((await probes().ask(wpc.connector, [ping], { actor, limit_s: 6 })).kind, 'refused');
    assert.equal((await probes().ask(randomUUID() as ConnectorId, [ping], { actor })).kind, 'refused', 'no such connector');
  });

  it('go to other networks from the LAN address alone, and there alone with it', async () => {
    const site = (target: string): ProbeQuestion => ({ ...ping, kind: 'site', target: address(target), bytes: null });
    await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      const { id } = await trx.insertInto('network').values({ name: 'Branch' }).returning('id').executeTakeFirstOrThrow();
      await trx
        .insertInto('network_route')
        .values({ network_id: id, prefix: formatPrefix(strictPrefix('192.168.0.0/22')) })
        .execute();
      record({ entity: 'network', entityId: id, action: 'created' });
    });
    for (const question of [
      site('10.0.0.20'),
      site('100.96.0.1'),
      site('192.0.2.1'),
      { ...ping, target: address('192.168.0.1') },
    ]) {
      const batch = await probes().ask(wpc.connector, [question], { actor });
      assert.ok(batch.kind === 'refused', JSON.stringify(question));
      assert.match(batch.reason, /is no IPv4 address (of another network|behind this connector)/);
    }
    const { text } = await poll();
    const asked = probes().ask(wpc.connector, [site('192.168.0.1'), tcp('10.0.0.20')], { actor });
    const lines = await text;
    assert.match(lines, /^probe 0 site icmp 192\.168\.0\.1 - -\nprobe 1 lan tcp /m);
    await post(`answers?ask=${idOf(lines)}`, '0 answered 64 bytes\n1 answered Connected\n');
    assert.equal((await asked).kind, 'answered');
  });

  it('say that the agent is too old, is away, or does not answer', async () => {
    await poll('no');
    await database()
      .insertInto('observation')
      .values({
        connector_id: wpc.connector,
        section: 'agent',
        body: 'agent=0.3.1\nkernel=6.1\n',
        observed_at: new Date(),
        hash: null,
      })
      .execute();
    const old = await probes().ask(wpc.connector, [ping], { actor });
    assert.equal(old.kind, 'too-old');
    assert.ok(old.kind === 'too-old');
    assert.match(old.reason, /version 0\.3\.1 and does not know probes/);

    const elsewhere = new AgentRequests(0);
    const away = await new Probes(controller.database.store, elsewhere).ask(wpc.connector, [ping], { actor });
    assert.equal(away.kind, 'offline');
    const nobody = await new Probes(controller.database.store, new AgentRequests()).ask(wpc.connector, [ping], {
      actor,
      timeout_ms: 100,
    });
    assert.ok(nobody.kind === 'offline');
    assert.match(nobody.reason, /did not come for the request within 0\.1 s/);

    const { text } = await poll();
    const silent = probes().ask(wpc.connector, [ping], { actor, timeout_ms: 300 });
    const id = idOf(await text);
    assert.equal((await silent).kind, 'timed-out');
    assert.equal(await post(`answers?ask=${id}`, '0 answered late\n'), 404, 'too late');
  });

  it('are not asked of a connector that is suspended', async () => {
    const suspend = async (suspended: boolean): Promise<void> =>
      await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
        await trx.updateTable('connector').set({ suspended }).where('id', '=', wpc.connector).execute();
        record({ entity: 'connector', entityId: wpc.connector, action: 'updated' });
      });
    await suspend(true);
    const batch = await probes().ask(wpc.connector, [ping], { actor });
    await suspend(false);
    assert.ok(batch.kind === 'refused');
    assert.match(batch.reason, /suspended/);
  });

  it('are bounded for each connector, with the time at which to ask again', async () => {
    const asker = probes();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async () => await asker.ask(wpc.connector, [ping], { actor, timeout_ms: 100 })),
    );
    const refused = answers.filter(({ kind }) => kind === 'refused');
    assert.equal(refused.length, 1);
    assert.notEqual((await asker.observe(wpc.connector, { actor, timeout_ms: 100 })).kind, 'refused', 'counted apart');
    assert.match(JSON.stringify(refused), /3 requests a second and 30 a minute at most\. Ask again in 1 s/);
  });

  it('take no answer but that of the connector that was asked, to what was asked', async () => {
    const otherConnector = await anotherConnector();
    const other = await credentialOf(otherConnector.id);
    const answering = async (body: string, secret = credential) => {
      const { text } = await poll();
      const asked = probes().ask(wpc.connector, [ping, tcp('10.0.0.20')], { actor, timeout_ms: 300 });
      const status = await post(`answers?ask=${idOf(await text)}`, body, secret);
      return { status, batch: await asked };
    };
    const stolen = await answering('0 answered x\n1 answered y\n', other);
    assert.equal(stolen.status, 404);
    assert.equal(stolen.batch.kind, 'timed-out', 'nothing was taken');
    const wrong = [
      '',
      '0 answered x\n',
      '0 answered x\n0 answered y\n',
      '0 answered x\n1 answered y\n2 answered z\n',
      '0 answered x\n1 delighted y\n',
      '0 done x\n1 done y\n',
      'observed\n',
      'hello\n',
      '0 answered x\r1 answered y\n',
    ];
    for (const body of wrong) {
      const { status, batch } = await answering(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.ok(batch.kind === 'refused' || body === '', JSON.stringify(body));
    }
    const flood = await answering('0 answered x\n'.repeat(10_000));
    assert.equal(flood.status, 400);
    assert.equal(flood.batch.kind, 'timed-out');
    assert.equal(await post(`answers?ask=${randomUUID()}`, '0 answered x\n'), 404);
    assert.equal(await post('answers?ask=7', '0 answered x\n'), 400);
    const refusal = await answering('refuse this machine answers 30 requests a minute at most\n');
    assert.equal(refusal.status, 204);
    assert.match(JSON.stringify(refusal.batch), /The connector refuses: this machine answers 30/);
  });

  async function anotherConnector(): Promise<{ id: ConnectorId }> {
    return await inModelTransaction(controller.database.store, systemActor, async ({ trx, record }) => {
      const made = await trx
        .insertInto('connector')
        .values({ name: 'hq-2', network_id: wpc.network, region: trx.selectFrom('wpc').select('default_region') })
        .returning('id')
        .executeTakeFirstOrThrow();
      record({ entity: 'connector', entityId: made.id, action: 'created' });
      return made;
    });
  }

  it('end when the controller stops', async () => {
    const requests = new AgentRequests();
    const asked = new Probes(controller.database.store, requests).ask(wpc.connector, [ping], { actor });
    const waits = async (): Promise<boolean> => {
      const visit = requests.visit(wpc.connector, { asks: true, ring: () => undefined });
      const text = visit.take();
      visit.end();
      return text !== '';
    };
    while (!(await waits())) await new Promise((resolve) => setImmediate(resolve));
    requests.end();
    const batch = await asked;
    assert.ok(batch.kind === 'refused');
    assert.match(batch.reason, /stopping/);
  });
});
