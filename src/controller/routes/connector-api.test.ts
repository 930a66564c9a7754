import assert from 'node:assert/strict';
import { X509Certificate, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import type { TestController } from '../test-controller.ts';
import type { IssuingController } from './test-api.ts';
import { call, everything, issuingController, nastyNames, refusal, reportSession, revisionOf, urlOf } from './test-api.ts';

let issuing: IssuingController;
let controller: TestController;
let networkId = '';
let hostId = '';
before(async () => {
  issuing = await issuingController();
  ({ controller } = issuing);
  ({ id: networkId } = await call(controller, networkRoutes.create, { body: { name: 'HQ Network' } }));
  ({ id: hostId } = await call(controller, hostRoutes.create, { body: { name: 'Server' } }));
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

/** The two kinds of site have the same calls. */
const kinds = [
  { kind: 'network', routes: networkConnectorRoutes, parameter: 'networkId', site: () => networkId },
  { kind: 'host', routes: hostConnectorRoutes, parameter: 'hostId', site: () => hostId },
] as const;

for (const { kind, routes, parameter, site } of kinds) {
  describe(`connectors of a ${kind}`, () => {
    const make = async (name: string, rest: object = {}) =>
      call(controller, routes.create, { query: { [parameter]: site() }, body: { name, ...rest } });

    test('create, read, change and delete one', async () => {
      const made = await make('c-1', { description: 'rack 4', vpnRegionId: 'us-mia' });
      const { id, ipV4Address } = made;
      assert.deepEqual(made, {
        id,
        networkItemId: site(),
        networkItemType: kind.toUpperCase(),
        name: 'c-1',
        description: 'rack 4',
        vpnRegionId: 'us-mia',
        ipV4Address,
        ...(kind === 'network' ? { tunnelingProtocol: 'OPENVPN' } : {}),
        connectionStatus: 'OFFLINE',
        licensed: true,
      });
      assert.deepEqual(await call(controller, routes.read, { id }), made);
      const changed = await call(controller, routes.update, {
        id,
        body: { ...made, name: 'c-2', description: '', networkItemId: 'x', ipV4Address: '1.2.3.4' },
      });
      assert.deepEqual(changed, { ...made, name: 'c-2', description: '' });
      const same = await call(controller, routes.update, {
        id,
        body: { name: '', vpnRegionId: '', description: null, profile: '' },
      });
      assert.deepEqual(same, changed, 'empty is not given');
      await call(controller, routes.remove, { id, query: { [parameter]: site() } });
      assert.equal((await refusal(controller, routes.read, { id })).status, 404);
    });

    test('lists those of one site or all, and 404 for a site that is none', async () => {
      const made = await make('listed');
      const query = { [parameter]: site() };
      assert.ok((await call(controller, routes.list, { query })).content.some(({ id }) => id === made.id));
      assert.ok(
        (await call(controller, routes.list)).content.every(({ networkItemType }) => networkItemType === kind.toUpperCase()),
      );
      const { status, message } = await refusal(controller, routes.list, { query: { [parameter]: made.id } });
      assert.equal(status, 404);
      assert.match(message, /not found/);
    });

    test('suspend and activate are repeatable, and change nothing the second time', async () => {
      const { id } = await make('paused');
      await call(controller, routes.suspend, { id });
      const suspended = async () => {
        const row = await controller.database.store.database
          .selectFrom('connector')
          .select('suspended')
          .where('id', '=', id as never)
          .executeTakeFirst();
        return row?.suspended;
      };
      assert.equal(await suspended(), true);
      const revision = await revisionOf(controller);
      await call(controller, routes.suspend, { id });
      assert.equal(await revisionOf(controller), revision);
      await call(controller, routes.activate, { id });
      assert.equal(await suspended(), false);
    });

    test('is ONLINE only while a gateway that reports holds an established session', async () => {
      const { id } = await make('live');
      const status = async () => (await call(controller, routes.read, { id })).connectionStatus;
      await reportSession(issuing, { connector: id }, { state: 'ended', endedAt: new Date() });
      assert.equal(await status(), 'OFFLINE');
      await reportSession(issuing, { connector: id }, { state: 'established' });
      assert.equal(await status(), 'ONLINE');
      await sql`update gateway set reported_at = now() - interval '1 minute'`.execute(controller.database.store.database);
      assert.equal(await status(), 'OFFLINE', 'a silent gateway is not believed');
      await sql`update gateway set reported_at = now()`.execute(controller.database.store.database);
      assert.equal(await status(), 'ONLINE');
    });

    test('the other kind of site does not know it', async () => {
      const { id } = await make('strict');
      const other = kind === 'network' ? hostConnectorRoutes : networkConnectorRoutes;
      for (const shape of [
        other.read,
        other.update,
        other.remove,
        other.profile,
        other.encryptProfile,
        other.suspend,
        other.activate,
      ]) {
        const { status, message } = await refusal(controller, shape, {
          id,
          body: shape === other.update ? { name: 'stolen' } : undefined,
        });
        assert.equal(status, 404, shape.path);
        assert.match(message, /not found/);
      }
    });

    const refused: [string, object | null, string, RegExp][] = [
      ['no name', {}, 'name', /missing value/],
      ['an unknown region', { name: 'c', vpnRegionId: 'eu-central-99' }, 'vpnRegionId', /eu-central-99.*allowed:.*eu-central-1/],
      [
        'IPsec',
        { name: 'c', ipSecConfig: { preSharedKey: 'hunter2' } },
        'ipSecConfig',
        /^(?!.*hunter2).*connectors speak OpenVPN/,
      ],
      ['another protocol', { name: 'c', tunnelingProtocol: 'IPSEC' }, 'tunnelingProtocol', /IPSEC.*allowed: OPENVPN/],
      ['a number as description', { name: 'c', description: 7 }, 'description', /string/],
    ];
    for (const [name, body, field, message] of refused) {
      test(`refused: ${name}`, async () => {
        const refusedCall = await refusal(controller, routes.create, { query: { [parameter]: site() }, body });
        assert.deepEqual([refusedCall.status, refusedCall.field], [400, field]);
        assert.match(refusedCall.message, message);
      });
    }

    test(`refused: no ${parameter}, or one given twice`, async () => {
      assert.equal((await refusal(controller, routes.create, { body: { name: 'c' } })).field, parameter);
      const url = `${urlOf(routes.create, {})}?${parameter}=${site()}&${parameter}=${site()}`;
      assert.equal((await controller.request('POST', url, { name: 'c' })).status, 400);
    });

    test('a delete that names another site deletes nothing', async () => {
      const { id } = await make('guarded');
      const { status } = await refusal(controller, routes.remove, { id, query: { [parameter]: id } });
      assert.equal(status, 404);
    });

    test('a profile is complete, and each one is another that leaves those before valid', async () => {
      const { id } = await make('profiled');
      const texts = [await call(controller, routes.profile, { id }), await call(controller, routes.profile, { id })];
      for (const text of texts) {
        assert.match(text, /^client$/m);
        assert.match(text, /^remote causeway\.test \d+ udp$/m);
        assert.match(text, /<key>\n-----BEGIN PRIVATE KEY-----/);
        assert.match(text, /<tls-crypt-v2>/);
      }
      assert.notEqual(commonName(texts[0]), commonName(texts[1]));
      const { rows } = await sql<{ serial: string; revoked_at: Date | null }>`
        select serial, revoked_at from certificate where connector_id = ${id}`.execute(controller.database.store.database);
      assert.deepEqual(rows.map(({ serial }) => serial).toSorted(), texts.map(commonName).toSorted());
      assert.ok(rows.every(({ revoked_at }) => revoked_at === null));
    });

    test('a set-up token opens the profile at its reference as openvpn-connector-setup does', async () => {
      const { id } = await make('set up');
      const token = await call(controller, routes.encryptProfile, { id });
      const [key, reference] = [token.slice(0, -40), token.slice(-40)];
      assert.match(reference, /^[0-9A-Za-z]{40}$/);
      const fetched = await controller.app.inject({
        url: `/connector/profiles/${reference}`,
        headers: { 'user-agent': 'openvpn-connector-setup' },
      });
      assert.equal(fetched.statusCode, 200);
      const text = decrypt(fetched.body, Buffer.from(key, 'base64'));
      assert.match(text, /<key>\n-----BEGIN PRIVATE KEY-----/);
      const second = await call(controller, routes.encryptProfile, { id });
      const again = await controller.app.inject({ url: `/connector/profiles/${reference}` });
      assert.equal(again.body, fetched.body, 'a second token leaves the first one good');
      const other = await controller.app.inject({ url: `/connector/profiles/${second.slice(-40)}` });
      assert.notEqual(other.body.slice(0, 40), fetched.body.slice(0, 40), 'a fresh salt each time');
      assert.throws(
        () => decrypt(fetched.body, Buffer.from(second.slice(0, -40), 'base64')),
        "another token's key opens nothing",
      );
      const unknown = await controller.app.inject({ url: `/connector/profiles/${'a'.repeat(40)}` });
      assert.equal(unknown.statusCode, 404);
      const all = await everything(controller);
      const blobs = await sql<{ text: string }>`select jsonb_agg(to_jsonb(t))::text as text from encrypted_profile t`.execute(
        controller.database.store.database,
      );
      for (const secret of [key, reference, text.slice(text.indexOf('<key>') + 40, text.indexOf('<key>') + 80)]) {
        assert.ok(!`${all}${blobs.rows[0]?.text ?? ''}${controller.logged()}`.includes(secret), 'a secret was kept or logged');
      }
    });
  });
}

test('names of every kind leave a profile of the same directives', async () => {
  const plain = await profileOf('plain');
  for (const name of nastyNames) {
    const profile = await profileOf(name);
    assert.deepEqual(directives(profile), directives(plain), JSON.stringify(name.slice(0, 40)));
  }

  async function profileOf(name: string): Promise<string> {
    const network = await call(controller, networkRoutes.create, { body: { name, connectors: [{ name }] } });
    const profile = await call(controller, networkConnectorRoutes.profile, { id: network.connectors[0]?.id ?? '' });
    await call(controller, networkRoutes.remove, { id: network.id });
    return profile;
  }
  /** Every line but the label, the ports of the lane and what is inside blocks. */
  function directives(profile: string): string[] {
    const outside = profile.replace(/<(ca|cert|key|tls-crypt-v2)>[\s\S]*?<\/\1>/g, '<$1>');
    return outside.split('\n').map((line) => line.replace(/^(setenv FRIENDLY_NAME).*/, '$1').replace(/^(remote \S+) \d+/, '$1'));
  }
});

test('fifty connectors created at once get fifty addresses and lanes', async () => {
  const own = await issuingController();
  try {
    const { id } = await call(own.controller, networkRoutes.create, { body: { name: 'busy' } });
    const made = await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        call(own.controller, networkConnectorRoutes.create, { query: { networkId: id }, body: { name: `c ${String(index)}` } }),
      ),
    );
    const addresses = made.map(({ ipV4Address }) => Number(ipV4Address.replace('100.96.0.', ''))).toSorted((a, b) => a - b);
    assert.deepEqual(
      addresses,
      Array.from({ length: 50 }, (_, index) => 100 + index),
    );
    const lanes = await own.controller.database.store.database
      .selectFrom('lane_assignment')
      .select('lane')
      .orderBy('lane')
      .execute();
    assert.deepEqual(
      lanes.map(({ lane }) => lane),
      Array.from({ length: 50 }, (_, index) => index),
    );
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

test('a lane that is given up goes to the connector that has none', async () => {
  const own = await issuingController();
  try {
    await own.controller.deps.store.database.transaction().execute(async (trx) => {
      await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
      await sql`update gateway set connector_lanes = 2`.execute(trx);
    });
    const { connectors } = await call(own.controller, networkRoutes.create, {
      body: { name: 'n', connectors: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    });
    const lanes = async () => {
      const rows = await own.controller.database.store.database.selectFrom('lane_assignment').selectAll().execute();
      return connectors.map(({ id }) => rows.find(({ connector_id }) => connector_id === id)?.lane);
    };
    assert.deepEqual(await lanes(), [0, 1, undefined]);
    await call(own.controller, networkConnectorRoutes.remove, { id: connectors[0]?.id ?? '' });
    assert.deepEqual(await lanes(), [undefined, 1, 0]);
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

function commonName(profile: string | undefined): string {
  const pem = /<cert>\n([\s\S]*?)<\/cert>/.exec(profile ?? '')?.[1] ?? '';
  return /CN=([0-9a-f]{32})/.exec(new X509Certificate(pem).subject)?.[1] ?? '';
}

/** What openvpn-connector-setup does with the answer (api.md 8.3), written from the description and not from our encoder. */
function decrypt(body: string, password: Buffer): string {
  const bytes = Buffer.from(body, 'base64');
  const material = pbkdf2Sync(password, bytes.subarray(0, 32), 25_000, 44, 'sha256');
  const decipher = createDecipheriv('aes-256-gcm', material.subarray(0, 32), material.subarray(32));
  decipher.setAuthTag(bytes.subarray(-16));
  return `${decipher.update(bytes.subarray(32, -16), undefined, 'utf8')}${decipher.final('utf8')}`;
}
