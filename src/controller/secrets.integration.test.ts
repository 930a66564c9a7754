import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { createApiCredential } from './api-credential/api-credentials.ts';
import { hashSecret, newSecret } from './http/secret-hash.ts';
import { certificateRequest } from './pki/certificate-request.ts';
import { tlsCryptV2ServerKey } from './pki/endpoint-profile.ts';
import { newPrivateKey } from './pki/key-pair.ts';
import { SignerClient } from './pki/signer-client.ts';
import { makeSmallWpc } from './pki/test-pki.ts';
import type { SmallWpc } from './pki/test-pki.ts';
import { systemActor } from './principal.ts';
import { startSigner } from './signer/test-signer.ts';
import type { RunningSigner } from './signer/test-signer.ts';
import { testController } from './test-controller.ts';
import type { TestController } from './test-controller.ts';

type Installation = {
  readonly controller: TestController;
  readonly client: SignerClient;
  readonly signer: RunningSigner;
  readonly wpc: SmallWpc;
  readonly gatewayToken: string;
};

async function install(): Promise<Installation> {
  const signer = await startSigner();
  const client = new SignerClient(signer.socketPath);
  const controller = await testController({ signer: client });
  const gatewayToken = newSecret();
  const wpc = await makeSmallWpc(controller.deps.store, { tokenHash: hashSecret(gatewayToken) });
  return { controller, client, signer, wpc, gatewayToken };
}

async function uninstall({ controller, client, signer }: Installation): Promise<void> {
  await controller.close();
  await client.close();
  await signer.stop();
}

/** The secret part of a PEM block: a line from its middle, which stands in no other. */
function middleOf(pem: string, label: string): string {
  const line = new RegExp(`-----BEGIN ${label}-----\\n(?:.*\\n)?(.+)\\n`).exec(pem)?.[1];
  assert.ok(line !== undefined && line.length > 20, `no ${label} in ${pem}`);
  return line;
}

/** makeEverySecret goes through the API as its callers do and gives each secret that came out of it, by what it is. */
async function makeEverySecret({ controller, client, wpc, gatewayToken }: Installation): Promise<Record<string, string>> {
  const { app, deps } = controller;
  const { clientId, clientSecret } = await createApiCredential(deps.store, systemActor, {
    name: 'canary',
    permissions: ['all:modify'],
    expiresAt: null,
  });
  const tokenUrl = '/api/v1/oauth/token';
  const given = await app.inject({ method: 'POST', url: `${tokenUrl}?client_id=${clientId}&client_secret=${clientSecret}` });
  const { access_token: accessToken } = given.json<{ access_token: string }>();
  const post = async (url: string, bearer = accessToken, payload?: string, type = 'text/plain') => {
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${bearer}`, ...(payload === undefined ? {} : { 'content-type': type }) },
      ...(payload === undefined ? {} : { payload }),
    });
    assert.equal(answer.statusCode, 200, `${url}: ${answer.body}`);
    return answer.body;
  };
  const deviceProfile = await post(`/api/v1/devices/${wpc.device}/profile`);
  const connectorProfile = await post(`/api/v1/networks/connectors/${wpc.connector}/profile`);
  const setupToken = await post(`/api/v1/networks/connectors/${wpc.connector}/profile/encrypt`);
  assert.equal((await app.inject({ url: `/connector/profiles/${setupToken.slice(-40)}` })).statusCode, 200);
  const installAnswer: { token: string } = JSON.parse(
    await post(`/api/causeway/v1/connectors/${wpc.connector}/install-token`),
  ) as { token: string };
  const agent = '/api/causeway/v1/connector-agent';
  const enrolled = await post(`${agent}/enroll`, installAnswer.token, certificateRequest(await newPrivateKey()));
  const credential = /^credential (\S+)$/m.exec(enrolled)?.[1] ?? '';
  const rotated = (await post(`${agent}/credential`, credential)).replace('credential ', '').trim();
  await post(
    '/gateway/v1/hello',
    gatewayToken,
    JSON.stringify({
      openvpnVersion: '2.6.14',
      agentVersion: '0',
      cores: 2,
      certificateRequest: certificateRequest(await newPrivateKey()),
    }),
    'application/json',
  );
  const serverKey = await tlsCryptV2ServerKey(deps);
  assert.ok((await client.authority()).length > 0);
  return {
    'client secret': clientSecret,
    'client id and secret of Basic': Buffer.from(`${clientId}:${clientSecret}`).toString('base64'),
    'access token': accessToken,
    "key in a device's profile": middleOf(deviceProfile, 'PRIVATE KEY'),
    "key in a connector's profile": middleOf(connectorProfile, 'PRIVATE KEY'),
    'tls-crypt-v2 key in a profile': middleOf(deviceProfile, 'OpenVPN tls-crypt-v2 client key'),
    'password of a set-up token': setupToken.slice(0, -40),
    'reference of a set-up token': setupToken.slice(-40),
    'install token': installAnswer.token,
    'agent credential': credential,
    'next agent credential': rotated,
    'gateway token': gatewayToken,
    'tls-crypt-v2 server key': Buffer.from(serverKey).toString('base64').slice(0, 40),
  };
}

describe('secrets', () => {
  let mine: Installation;
  let secrets: Record<string, string> = {};
  before(async () => {
    mine = await install();
    secrets = await makeEverySecret(mine);
  });
  after(async () => {
    await uninstall(mine);
  });

  const assertWithout = (text: string, where: string) => {
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 20, `${what} was not found`);
      assert.equal(text.includes(secret), false, `the ${what} is in ${where}`);
    }
  };

  it('have 128 bits at least, and each is another', () => {
    for (const what of ['client secret', 'access token', 'agent credential', 'next agent credential']) {
      assert.ok(Buffer.from(secrets[what] ?? '', 'base64url').length >= 16, what);
    }
    for (const what of ['install token', 'reference of a set-up token']) {
      assert.ok(Buffer.from(secrets[what] ?? '', 'hex').length >= 16, what);
    }
    assert.equal(new Set(Object.values(secrets)).size, Object.keys(secrets).length);
  });

  it('lie nowhere in the database as they are', async () => {
    const { database } = mine.controller.deps.store;
    const tables = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public'`.execute(database);
    assert.ok(tables.rows.length > 20);
    for (const { name } of tables.rows) {
      const { rows } = await sql<{ text: string | null }>`
        select string_agg(t::text, chr(10)) as text from ${sql.table(name)} t`.execute(database);
      assertWithout(rows[0]?.text ?? '', `the table ${name}`);
    }
  });

  it('are in no answer but the one that made them, and neither are their hashes', async () => {
    const { app, tokenWith } = mine.controller;
    const authorization = `Bearer ${await tokenWith(['all:modify'])}`;
    const hashes = Object.values(secrets).map((secret) => createHash('sha256').update(secret).digest());
    const ids: readonly string[] = Object.values(mine.wpc);
    let answered = 0;
    for (const { method, url, auth } of app.declaredRoutes()) {
      if (method !== 'GET' || (auth.kind !== 'api' && auth.kind !== 'public') || url.startsWith('/connector/profiles')) continue;
      for (const id of url.includes(':') ? ids : ['']) {
        const { statusCode, body } = await app.inject({ url: url.replace(/:[A-Za-z]+/, id), headers: { authorization } });
        if (statusCode === 200) answered += 1;
        assertWithout(body, `the answer of ${url}`);
        for (const hash of hashes) {
          for (const encoding of ['hex', 'base64', 'base64url'] as const)
            assert.equal(body.includes(hash.toString(encoding)), false, `a hash is in the answer of ${url}`);
        }
      }
    }
    assert.ok(answered > 30, `only ${String(answered)} answers were looked at`);
  });

  it('are not in the log, also where requests carry them to the wrong place or the database fails', async () => {
    const { controller, wpc } = mine;
    const { app, deps } = controller;
    for (const secret of Object.values(secrets)) {
      const header = { authorization: `Bearer ${secret}`, cookie: `session=${secret}`, 'x-api-key': secret };
      const bodies = [`{"client_secret":"${secret}","name":"x"}`, `{"token":"${secret}"`, secret];
      await app.inject({ url: `/api/v1/devices?access_token=${encodeURIComponent(secret)}`, headers: header });
      await app.inject({ url: `/api/causeway/v1/connector-agent/desired?token=${encodeURIComponent(secret)}`, headers: header });
      await app.inject({ method: 'POST', url: '/gateway/v1/report', headers: header, payload: { key: secret } });
      for (const payload of bodies) {
        for (const url of ['/api/v1/oauth/token', '/api/v1/networks', '/api/causeway/v1/connector-agent/enroll']) {
          await app.inject({ method: 'POST', url, headers: { ...header, 'content-type': 'application/json' }, payload });
        }
      }
    }
    const authorization = `Bearer ${await controller.tokenWith(['all:modify'])}`;
    const failing: readonly (readonly [string, string])[] = [
      ['certificate', `/api/v1/devices/${wpc.device}/profile`],
      ['encrypted_profile', `/api/v1/networks/connectors/${wpc.connector}/profile/encrypt`],
      ['install_token', `/api/causeway/v1/connectors/${wpc.connector}/install-token`],
    ];
    for (const [table, url] of failing) {
      const away = `${table}_away`;
      await sql`alter table ${sql.table(table)} rename to ${sql.table(away)}`.execute(deps.store.database);
      try {
        const answer = await app.inject({ method: 'POST', url, headers: { authorization } });
        assert.equal(answer.statusCode, 500, url);
        assert.doesNotMatch(answer.body, new RegExp(`${table}|relation|select`), 'a cause leaves');
      } finally {
        await sql`alter table ${sql.table(away)} rename to ${sql.table(table)}`.execute(deps.store.database);
      }
    }
    const logged = controller.logged();
    assert.ok(logged.split('\n').length > 100);
    assert.match(logged, /does not exist/, 'the faults were logged with their cause');
    assertWithout(logged, 'the log');
    assert.doesNotMatch(logged, /PRIVATE KEY/);
  });

  it('are shared by no two installations', async () => {
    const other = await install();
    try {
      const theirs = await makeEverySecret(other);
      for (const [what, secret] of Object.entries(secrets)) assert.notEqual(theirs[what], secret, what);
      assert.notEqual(await other.client.authority(), await mine.client.authority());
      const caKeys = await Promise.all(
        [mine, other].map(async ({ signer }) => await readFile(path.join(signer.directory, 'ca.key'), 'utf8')),
      );
      assert.notEqual(caKeys[0], caKeys[1]);
      // What one of them hands out opens nothing at the other.
      for (const url of ['/api/v1/devices', '/api/causeway/v1/connector-agent/desired', '/gateway/v1/stream']) {
        for (const secret of Object.values(theirs)) {
          const answer = await mine.controller.app.inject({ url, headers: { authorization: `Bearer ${secret}` } });
          assert.equal(answer.statusCode, 401, url);
        }
      }
    } finally {
      await uninstall(other);
    }
  });

  it('of a fresh installation open nothing: there are none', async () => {
    const fresh = await testController();
    try {
      const { database } = fresh.deps.store;
      // The test's own credential is the only one; before it there is none, and no person either.
      const { count } = await database
        .selectFrom('api_credential')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      assert.equal(count, 1);
      const empty = [
        'app_user',
        'account',
        'web_session',
        'one_time_link',
        'gateway',
        'install_token',
        'agent_credential',
        'secret',
      ] as const;
      for (const table of empty) {
        assert.deepEqual(await database.selectFrom(table).selectAll().execute(), [], table);
      }
      const guess = { client_id: 'admin', client_secret: randomBytes(4).toString('hex') };
      const answer = await fresh.app.inject({ method: 'POST', url: '/api/v1/oauth/token', payload: guess });
      assert.equal(answer.statusCode, 401);
    } finally {
      await fresh.close();
    }
  });
});
