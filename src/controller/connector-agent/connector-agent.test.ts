import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import type { ConnectorId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { certificateRequest } from '../pki/certificate-request.ts';
import { sweep } from '../keeping/sweep.ts';
import { lookAfter } from '../keeping/watch-regularly.ts';
import { newPrivateKey } from '../pki/key-pair.ts';
import { SignerClient } from '../pki/signer-client.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { systemActor } from '../principal.ts';
import { startSigner } from '../signer/test-signer.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { call } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Change } from '../store/model-transaction.ts';
import { strictPrefix, formatPrefix } from '../../core/ip/prefix.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

const api = '/api/causeway/v1/connector-agent';

type Answer = { readonly status: number; readonly text: string; readonly type: string };

describe('the connector agent’s routes', () => {
  let signer: RunningSigner;
  let client: SignerClient;
  let controller: TestController;
  let wpc: SmallWpc;

  before(async () => {
    signer = await startSigner();
    client = new SignerClient(signer.socketPath);
    controller = await testController({
      signer: client,
      installation: { hostname: 'causeway.test', listenPort: 8443, vpnPort: 1194, version: '1.2.3', portalPin: 'sha256//test' },
    });
    wpc = await makeSmallWpc(controller.database.store);
  });
  after(async () => {
    await controller.close();
    await client.close();
    await signer.stop();
  });

  async function ask(method: 'GET' | 'POST', url: string, secret: string, body?: string): Promise<Answer> {
    const response = await controller.app.inject({
      method,
      url: url.startsWith('/') ? url : `${api}/${url}`,
      headers: { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': 'text/plain' }) },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: response.statusCode, text: response.body, type: String(response.headers['content-type'] ?? '') };
  }

  const database = () => controller.database.store.database;

  async function installToken(expiresInSeconds = 86_400, connector: ConnectorId = wpc.connector): Promise<string> {
    const token = newSecret();
    await database()
      .insertInto('install_token')
      .values({
        token_sha256: hashSecret(token),
        connector_id: connector,
        expires_at: new Date(Date.now() + expiresInSeconds * 1000),
      })
      .execute();
    return token;
  }

  async function enrolled(key?: KeyObject): Promise<{ key: KeyObject; request: string; token: string; credential: string }> {
    const held = key ?? (await newPrivateKey());
    const request = certificateRequest(held);
    const token = await installToken();
    const answer = await ask('POST', 'enroll', token, request);
    assert.equal(answer.status, 200, answer.text);
    return { key: held, request, token, credential: word(answer.text, 'credential') };
  }

  const lastEvent = async () =>
    await database().selectFrom('event').select(['topic', 'payload']).orderBy('seq', 'desc').executeTakeFirstOrThrow();

  it('exchange token and key for connector, credential and the CA’s pin', async () => {
    const token = await installToken();
    const answer = await ask('POST', 'enroll', token, certificateRequest(await newPrivateKey()));
    const ca = new X509Certificate(await client.authority()).publicKey.export({ type: 'spki', format: 'der' });
    const pin = createHash('sha256').update(ca).digest('base64');
    assert.match(answer.text, /^connector [0-9a-f-]{36}\ncredential [\w-]{43}\nca-pin sha256\/\/\S+\n$/);
    assert.equal(word(answer.text, 'connector'), wpc.connector);
    assert.equal(word(answer.text, 'ca-pin'), `sha256//${pin}`);
    assert.equal(answer.type, 'text/plain');
  });

  it('let the same key repeat the exchange, and refuse another with an event', async () => {
    const first = await enrolled();
    const certificateBefore = await ask('POST', 'certificate', first.credential, first.request);
    const again = await ask('POST', 'enroll', first.token, first.request);
    assert.equal(again.status, 200, again.text);
    const certificateAfter = await ask('POST', 'certificate', word(again.text, 'credential'), first.request);
    assert.equal(certificateAfter.text, certificateBefore.text, 'a repeated exchange gives the certificate that is there');

    const other = await ask('POST', 'enroll', first.token, certificateRequest(await newPrivateKey()));
    assert.equal(other.status, 409);
    assert.match(other.text, /^This install token was used by another machine\..*\n$/);
    const event = await lastEvent();
    assert.equal(event.topic, 'connector.enrolment-refused');
    assert.equal(event.payload['reason'], 'the token was used by another key');

    const events = async () => (await database().selectFrom('event').select('seq').execute()).length;
    const before = await events();
    for (let time = 0; time < 3; time += 1) {
      assert.equal((await ask('POST', 'enroll', first.token, certificateRequest(await newPrivateKey()))).status, 409);
    }
    assert.equal(await events(), before, 'who tries again and again fills no list');
  });

  it('bind a token to one of two keys that use it at the same moment', async () => {
    const token = await installToken();
    const requests = await Promise.all([1, 2, 3, 4].map(async () => certificateRequest(await newPrivateKey())));
    const answers = await Promise.all(requests.map(async (request) => await ask('POST', 'enroll', token, request)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409, 409, 409],
    );
  });

  it('refuse an expired, an unknown and a missing token', async () => {
    const request = certificateRequest(await newPrivateKey());
    for (const token of [await installToken(-1), newSecret()]) {
      const answer = await ask('POST', 'enroll', token, request);
      assert.equal(answer.status, 401);
      assert.match(answer.text, /^The install token is unknown, expired or withdrawn/);
    }
  });

  it('refuse a machine that is another connector, and leave the token as it was', async () => {
    const token = await installToken();
    const request = certificateRequest(await newPrivateKey());
    const elsewhere = await ask('POST', 'enroll?held=00000000-0000-4000-8000-000000000000', token, request);
    assert.equal(elsewhere.status, 409);
    assert.match(elsewhere.text, /causeway-connector uninstall/);
    const own = await ask('POST', `enroll?held=${wpc.connector}`, token, certificateRequest(await newPrivateKey()));
    assert.equal(own.status, 200, own.text);
  });

  it('refuse a request that is none, and one whose signature is wrong', async () => {
    const token = await installToken();
    assert.equal((await ask('POST', 'enroll', token, 'hello')).status, 400);
    const request = certificateRequest(await newPrivateKey());
    const broken = request.replace(
      /(.{8})(\n-----END)/,
      (_, tail: string, end: string) => `${tail === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'}${end}`,
    );
    const answer = await ask('POST', 'enroll', token, broken);
    assert.equal(answer.status, 400, answer.text);
    assert.equal((await ask('POST', 'enroll', token, request)).status, 200, 'the token was not used up');
  });

  it('take the certificates of the machine before when another enrols with a new token', async () => {
    const first = await enrolled();
    const second = await enrolled();
    const answer = await ask('POST', 'certificate', second.credential, first.request);
    assert.equal(answer.status, 409);
    const serial = new X509Certificate(
      (await ask('POST', 'certificate', second.credential, second.request)).text,
    ).serialNumber.toLowerCase();
    const live = await database()
      .selectFrom('certificate')
      .select('serial')
      .where('connector_id', '=', wpc.connector)
      .where('revoked_at', 'is', null)
      .execute();
    assert.deepEqual(
      live.map((row) => row.serial),
      [serial],
    );
  });

  it('end the credential before when the new one is first used, and not earlier', async () => {
    const { credential } = await enrolled();
    const rotated = word((await ask('POST', 'credential', credential)).text, 'credential');
    assert.equal((await ask('GET', 'profile', credential)).status, 200, 'the answer may have been lost');
    assert.equal((await ask('GET', 'profile', rotated)).status, 200);
    assert.equal((await ask('GET', 'profile', credential)).status, 401);
  });

  it('let a connector that was away for 60 days come back by itself, and after 200 days with a new token', async () => {
    const { credential, request } = await enrolled();
    const first = await ask('POST', 'certificate', credential, request);
    const away = async (days: number) => {
      const past = sql`${`${String(days)} days`}::interval`;
      await sql`update agent_credential set expires_at = expires_at - ${past}`.execute(database());
      await inModelTransaction(controller.database.store, systemActor, async (change) => {
        await sql`update certificate set not_before = not_before - ${past}, not_after = not_after - ${past}
          where connector_id = ${wpc.connector}`.execute(change.trx);
        change.record({ entity: 'test', entityId: 'test', action: 'time passed' });
      });
      await sweep(controller.database.store);
    };
    // It went when both were as old as they get: the certificate 60 days, the credential 30.
    await away(60);
    await sql`update agent_credential set expires_at = expires_at + interval '30 days'`.execute(database());
    await away(60);
    assert.equal((await ask('GET', 'profile', credential)).status, 404, 'the certificate has ended');
    const again = await ask('POST', 'certificate', credential, request);
    assert.equal(again.status, 200, again.text);
    assert.notEqual(again.text, first.text);
    assert.equal((await ask('GET', 'profile', credential)).status, 200);

    await away(140);
    const refused = await ask('GET', 'desired', credential);
    assert.equal(refused.status, 401);
    assert.match(refused.text, /was away until its credential ended on \d{4}-\d\d-\d\d\. Make a new install line/);
    await lookAfter(controller.deps);
    assert.match(
      String((await lastEvent()).payload['message']),
      /agent of connector hq-1 was away .*\(causeway connector install/,
    );
    const token = await installToken();
    const enrolledAgain = await ask('POST', 'enroll', token, request);
    assert.equal(word(enrolledAgain.text, 'connector'), wpc.connector);
    const fresh = word(enrolledAgain.text, 'credential');
    assert.equal((await ask('POST', 'certificate', fresh, request)).status, 200);
    await lookAfter(controller.deps);
    assert.deepEqual((await lastEvent()).payload, { code: 'connector-shut-out' });
  });

  it('give a profile without a key, whatever the operator’s words are', async () => {
    const { credential } = await enrolled();
    const hostile = '"; up /bin/sh\nscript-security 2\n$(reboot) `id` 😀'.repeat(3);
    await inModelTransaction(controller.database.store, systemActor, async (change) => {
      await change.trx.updateTable('network').set({ name: hostile }).where('id', '=', wpc.network).execute();
      change.record({ entity: 'network', entityId: wpc.network, action: 'updated' });
    });
    const { text } = await ask('GET', 'profile', credential);
    assert.match(text, /^remote \S+ \d+ udp$/m);
    assert.doesNotMatch(text, /<key>|PRIVATE KEY/);
    assert.doesNotMatch(text, /^(up|script-security)/m);
    const desired = await ask('GET', 'desired', credential);
    assert.doesNotMatch(desired.text, /reboot/);
  });

  describe('desired state', () => {
    it('holds address, ranges, routes of the others, NAT and the profile’s hash', async () => {
      const { credential } = await enrolled();
      await addNetwork('Branch', '192.168.0.0/22');
      const { text } = await ask('GET', 'desired', credential);
      assert.match(
        text,
        /^revision \d+\naddress 100\.96\.0\.100\nrange 100\.96\.0\.0\/11\nroute 192\.168\.0\.0\/22\nnat masquerade\nlocal 10\.0\.0\.0\/18\nstate active\ngateway 100\.96\.0\.1\negress no\ninternet local\nprofile [0-9a-f]{64}\ntunnel [0-9a-f]{64}\nhandover causeway\.test 1209\nend\n$/,
      );
    });

    it('answers a long poll at once when something concerns the connector', async (t) => {
      const { credential } = await enrolled();
      const revision = word((await ask('GET', 'desired', credential)).text, 'revision');
      const started = performance.now();
      const isWaiting = pollWaits(t);
      const waiting = ask('GET', `desired?revision=${revision}&wait=20`, credential);
      await isWaiting();
      await addNetwork('Depot', '172.20.0.0/24');
      const { text } = await waiting;
      assert.match(text, /^route 172\.20\.0\.0\/24$/m);
      assert.ok(performance.now() - started < 5_000, 'woken, not timed out');
    });

    it('does not answer for changes of others, and tells the new revision at the end', async (t) => {
      const { credential } = await enrolled();
      const revision = word((await ask('GET', 'desired', credential)).text, 'revision');
      const isWaiting = pollWaits(t);
      const waiting = ask('GET', `desired?revision=${revision}&wait=1`, credential);
      await isWaiting();
      const started = performance.now();
      await inModelTransaction(controller.database.store, systemActor, async (change) => {
        await change.trx.insertInto('user_group').values({ name: 'Others' }).execute();
        change.record({ entity: 'user-group', entityId: 'others', action: 'created' });
      });
      const { text } = await waiting;
      assert.ok(performance.now() - started > 500, 'waited on');
      assert.equal(Number(word(text, 'revision')), Number(revision) + 1);
    });

    it('goes back with a database that was restored, at the end of the wait', async () => {
      const { credential } = await enrolled();
      const before = Number(word((await ask('GET', 'desired', credential)).text, 'revision'));
      await addNetwork('Ferry', '172.29.0.0/24');
      const held = word((await ask('GET', 'desired', credential)).text, 'revision');
      const setRevision = async (revision: number) => await database().updateTable('wpc').set({ revision }).execute();
      await setRevision(before);
      try {
        for (const asked of [held, String(before)]) {
          const { text } = await ask('GET', `desired?revision=${asked}&wait=1`, credential);
          assert.equal(Number(word(text, 'revision')), before, `asked with ${asked}`);
        }
      } finally {
        await setRevision(Number(held));
      }
    });

    it('asks for a new tunnel when prefixes change on a shared lane, and for none on a lane of its own', async () => {
      const { credential } = await enrolled();
      const tunnel = async () => word((await ask('GET', 'desired', credential)).text, 'tunnel');
      const lanes = async (connectorLanes: number): Promise<void> =>
        await write(async ({ trx }) => {
          await trx.updateTable('gateway').set({ connector_lanes: connectorLanes }).execute();
        });
      const own = await tunnel();
      const profile = word((await ask('GET', 'desired', credential)).text, 'profile');
      const second = await addPrefix('10.77.0.0/24');
      assert.equal(await tunnel(), own);
      await lanes(0);
      const shared = await tunnel();
      assert.notEqual(shared, own);
      await removePrefix(second);
      const fewer = await tunnel();
      assert.notEqual(fewer, shared);
      await addNetwork('Elsewhere', '10.78.0.0/24');
      assert.equal(await tunnel(), fewer, 'what others have is no matter of its own tunnel');
      await lanes(256);
      assert.equal(await tunnel(), own);
      assert.equal(word((await ask('GET', 'desired', credential)).text, 'profile'), profile, 'nor of its profile');
    });

    it('says when it is an internet gateway, and where internet traffic of its LAN goes', async () => {
      const { credential } = await enrolled();
      const set = async (values: object): Promise<string> => {
        await write(async ({ trx }) => {
          await trx.updateTable('network').set(values).where('id', '=', wpc.network).execute();
        });
        return (await ask('GET', 'desired', credential)).text;
      };
      assert.match(await set({ egress: true }), /^egress yes\ninternet local$/m);
      assert.match(await set({ egress: false, internet_access: 'SPLIT_TUNNEL_OFF' }), /^egress no\ninternet lan$/m);
      assert.match(await set({ internet_access: 'RESTRICTED_INTERNET' }), /^internet lan$/m);
      assert.match(await set({ internet_access: 'SPLIT_TUNNEL_ON' }), /^egress no\ninternet local$/m);
    });

    it('says suspended, and 401 once the connector is deleted', async () => {
      const { credential } = await enrolled();
      await inModelTransaction(controller.database.store, systemActor, async (change) => {
        await change.trx.updateTable('connector').set({ suspended: true }).where('id', '=', wpc.connector).execute();
        change.record({ entity: 'connector', entityId: wpc.connector, action: 'suspended' });
      });
      assert.match((await ask('GET', 'desired', credential)).text, /^state suspended$/m);
      await inModelTransaction(controller.database.store, systemActor, async (change) => {
        await change.trx.updateTable('connector').set({ suspended: false }).where('id', '=', wpc.connector).execute();
        change.record({ entity: 'connector', entityId: wpc.connector, action: 'activated' });
      });
      assert.equal((await ask('GET', 'desired', newSecret())).status, 401);
    });

    it('refuses a wait and a revision that are none', async () => {
      const { credential } = await enrolled();
      for (const query of ['revision=-1', 'revision=x', 'wait=-1', 'wait=soon']) {
        const answer = await ask('GET', `desired?${query}`, credential);
        assert.equal(answer.status, 400, query);
        assert.match(answer.text, /allowed/);
      }
    });
  });

  describe('observations', () => {
    const hash = (letter: string) => letter.repeat(64);
    const sections = async () =>
      await database()
        .selectFrom('observation')
        .select(['section', 'body', 'observed_at'])
        .where('connector_id', '=', wpc.connector)
        .orderBy('section')
        .execute();

    it('are kept as received, and only the changed sections are sent again', async () => {
      const { credential } = await enrolled();
      const raw = '[{"ifname":"lan0","x":"\u{1F600}"}]\n == not a header\n';
      assert.equal(
        (await ask('POST', 'observation', credential, `== addr ${hash('a')}\n${raw}\n== nft ${hash('b')}\n{}\n\n`)).status,
        204,
      );
      const before = await sections();
      assert.deepEqual(
        before.map(({ section, body }) => [section, body]),
        [
          ['addr', raw],
          ['nft', '{}\n'],
        ],
      );
      assert.equal(
        (await ask('POST', 'observation', credential, `== addr ${hash('a')} same\n== nft ${hash('c')}\nnew\n\n`)).status,
        204,
      );
      const later = await sections();
      assert.deepEqual(
        later.map(({ body }) => body),
        [raw, 'new\n'],
      );
      assert.ok(later.every(({ observed_at }, index) => observed_at >= (before[index]?.observed_at ?? observed_at)));
    });

    it('are of when the agent began to look', async () => {
      const { credential } = await enrolled();
      const text = `== addr ${hash('a')}\nx\n`;
      const received_ms = Date.now();
      assert.equal((await ask('POST', 'observation?took=5000', credential, text)).status, 204);
      const [began] = await sections();
      assert.ok(began !== undefined && Math.abs(began.observed_at.getTime() - (received_ms - 5000)) < 2500);
      // Of an agent that does not say.
      assert.equal((await ask('POST', 'observation', credential, `== addr ${hash('a')} same\n`)).status, 204);
      assert.ok(((await sections())[0]?.observed_at.getTime() ?? 0) >= received_ms);
      for (const took of ['-1', '1e9', 'long', '0.5']) {
        const refused = await ask('POST', `observation?took=${took}`, credential, text);
        assert.equal(refused.status, 400, took);
        assert.match(refused.text, /took/);
      }
    });

    it('are refused as a whole when a hash is not held, and change nothing', async () => {
      const { credential } = await enrolled();
      await ask('POST', 'observation', credential, `== addr ${hash('a')}\nold\n`);
      const answer = await ask('POST', 'observation', credential, `== addr ${hash('d')}\nnew\n== nft ${hash('9')} same\n`);
      assert.equal(answer.status, 409);
      assert.equal((await sections()).find(({ section }) => section === 'addr')?.body, 'old');
    });

    it('may hold anything but are bounded', async () => {
      const { credential } = await enrolled();
      assert.equal((await ask('POST', 'observation', credential, `== log ${hash('e')}\na\0b\u001b[31m\n`)).status, 204);
      assert.equal((await sections()).find(({ section }) => section === 'log')?.body, 'a\uFFFDb\u001b[31m');
      const cases: readonly (readonly [string, number])[] = [
        ['no header\n', 400],
        [`== ../x ${hash('a')}\n`, 400],
        [`== addr ${hash('a')}\n== addr ${hash('a')}\n`, 400],
        [Array.from({ length: 41 }, (_, index) => `== s${String(index)} ${hash('a')}\n`).join(''), 400],
        [`== big ${hash('a')}\n${'x'.repeat(300_000)}\n`, 400],
        [`== big ${hash('a')}\n${'x'.repeat(1_100_000)}\n`, 413],
      ];
      for (const [body, status] of cases)
        assert.equal((await ask('POST', 'observation', credential, body)).status, status, body.slice(0, 40));
    });
  });

  describe('the router of its LAN', () => {
    const addr = JSON.stringify([
      { ifname: 'eth0', addr_info: [{ family: 'inet', local: '10.0.0.10', prefixlen: 24, scope: 'global' }] },
    ]);
    const route = (gateway: string): string => JSON.stringify([{ dst: 'default', gateway, dev: 'eth0' }]);
    const observation = (gateway: string, letter: string): string =>
      `== addr ${'a'.repeat(64)}\n${addr}\n== route ${letter.repeat(64)}\n${route(gateway)}\n`;
    const held = async () =>
      (await database().selectFrom('connector').select('lan_router').where('id', '=', wpc.connector).executeTakeFirstOrThrow())
        .lan_router;
    const revision = async () => (await database().selectFrom('wpc').select('revision').executeTakeFirstOrThrow()).revision;

    it('is taken from what it reports, as a change of the model only where it differs, and not again and again', async () => {
      const { credential } = await enrolled();
      const before = await revision();
      assert.equal((await ask('POST', 'observation', credential, observation('10.0.0.1', 'b'))).status, 204);
      assert.deepEqual([await held(), await revision()], ['10.0.0.1', before + 1]);
      assert.equal((await ask('POST', 'observation', credential, observation('10.0.0.1', 'c'))).status, 204);
      assert.equal((await ask('POST', 'observation', credential, `== route ${'c'.repeat(64)} same\n`)).status, 204);
      assert.equal((await ask('POST', 'observation', credential, `== agent ${'d'.repeat(64)}\nx\n`)).status, 204);
      assert.equal(await revision(), before + 1);
      const soon = await ask('POST', 'observation', credential, observation('10.0.0.2', 'e'));
      assert.equal(soon.status, 429, soon.text);
      assert.deepEqual([await held(), await revision()], ['10.0.0.1', before + 1]);
      const events = await database().selectFrom('audit').select(['action', 'after']).orderBy('id', 'desc').limit(1).execute();
      assert.deepEqual(events, [{ action: 'observed', after: { lanRouter: '10.0.0.1' } }]);
    });

    it('follows the prefixes of the network: a router that lies in none of them is not probed', async () => {
      const { credential } = await enrolled();
      await addPrefix('10.79.0.0/24');
      const outside = await ask('POST', 'observation', credential, observation('10.80.0.1', 'f'));
      assert.ok([204, 429].includes(outside.status));
      const added = await call(controller, networkRouteRoutes.create, {
        query: { networkId: wpc.network },
        body: { value: '10.80.0.0/24' },
      });
      assert.equal(await held(), '10.80.0.1');
      const revisionBefore = await revision();
      await call(controller, networkRouteRoutes.remove, { id: added.id });
      assert.deepEqual([await held(), await revision()], [null, revisionBefore + 1]);
    });
  });

  it('serve the scripts with the configured name, whatever the Host header says', async () => {
    for (const name of ['install.sh', 'agent.sh']) {
      const response = await controller.app.inject({
        method: 'GET',
        url: `/connector/${name}`,
        headers: { host: 'evil.example' },
      });
      assert.equal(response.statusCode, 200);
      assert.match(response.body, /^#!\/bin\/sh\n/);
      assert.match(response.body, /^CAUSEWAY_URL='https:\/\/causeway\.test:8443'$/m);
      assert.match(response.body, /^CAUSEWAY_VERSION='1\.2\.3'$/m);
      assert.ok(response.body.includes((await client.authority()).trim()), 'the CA is in it');
      assert.doesNotMatch(response.body, /evil/);
    }
    const parts = path.join(import.meta.dirname, '../../connector/agent/main.sh');
    assert.ok((await controller.app.inject('/connector/agent.sh')).body.includes((await readFile(parts, 'utf8')).slice(-200)));
  });

  /** Gives a function that resolves once a long poll has begun to wait. */
  function pollWaits(t: TestContext): () => Promise<void> {
    const { waitBeyond } = controller.deps.wakeUp;
    const begun = Promise.withResolvers<void>();
    t.mock.method(controller.deps.wakeUp, 'waitBeyond', async (...parameters: Parameters<typeof waitBeyond>) => {
      begun.resolve();
      return waitBeyond(...parameters);
    });
    return () => begun.promise;
  }

  async function write(change: (change: Change) => Promise<void>): Promise<void> {
    await inModelTransaction(controller.database.store, systemActor, async (given) => {
      await change(given);
      given.record({ entity: 'test', entityId: 'test', action: 'written' });
    });
  }

  async function addPrefix(text: string): Promise<string> {
    const prefix = formatPrefix(strictPrefix(text));
    await write(async ({ trx }) => {
      await trx.insertInto('network_route').values({ network_id: wpc.network, prefix }).execute();
    });
    return prefix;
  }

  async function removePrefix(text: string): Promise<void> {
    await write(async ({ trx }) => {
      await trx
        .deleteFrom('network_route')
        .where('prefix', '=', formatPrefix(strictPrefix(text)))
        .execute();
    });
  }

  async function addNetwork(name: string, prefix: string): Promise<void> {
    await inModelTransaction(controller.database.store, systemActor, async (change) => {
      const network = await change.trx.insertInto('network').values({ name }).returning('id').executeTakeFirstOrThrow();
      await change.trx
        .insertInto('network_route')
        .values({ network_id: network.id, prefix: formatPrefix(strictPrefix(prefix)) })
        .execute();
      change.record({ entity: 'network', entityId: network.id, action: 'created' });
    });
  }
});

function word(text: string, name: string): string {
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  assert.ok(value !== undefined, `no ${name} in ${text}`);
  return value;
}
