import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectorRequest, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { deviceRoutes } from '../../contract/api/device.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { certificateRequest } from '../pki/certificate-request.ts';
import { newPrivateKey } from '../pki/key-pair.ts';
import { call, everything, issuingController, refusal } from './test-api.ts';
import type { IssuingController } from './test-api.ts';

/** Whose object it is: what is proved for one object opens no other, and an id that is given twice cannot mean two objects. */
describe('objects of others', () => {
  let issuing: IssuingController;
  const [hq, branch] = [
    { network: '', route: '', connector: '' },
    { network: '', route: '', connector: '' },
  ];
  const [bob, eve] = [
    { user: '', device: '' },
    { user: '', device: '' },
  ];
  let hostConnector = '';

  before(async () => {
    issuing = await issuingController();
    const { controller } = issuing;
    for (const [index, site] of [hq, branch].entries()) {
      const made = await call(controller, networkRoutes.create, {
        body: { name: `site ${String(index)}`, routes: [{ value: `10.${String(index)}.0.0/16` }], connectors: [{ name: 'c' }] },
      });
      Object.assign(site, { network: made.id, route: made.routes[0]?.id, connector: made.connectors[0]?.id });
    }
    for (const [index, person] of [bob, eve].entries()) {
      const made = await call(controller, userRoutes.create, {
        body: { username: `person${String(index)}`, devices: [{ name: 'laptop' }] },
      });
      Object.assign(person, { user: made.id, device: made.devices[0]?.id });
    }
    const host = await call(controller, hostRoutes.create, { body: { name: 'h', connectors: [{ name: 'c' }] } });
    hostConnector = host.connectors[0]?.id ?? '';
  });
  after(async () => {
    await issuing[Symbol.asyncDispose]();
  });

  it('a device is not found beside another user’s id, in every call that names it', async () => {
    const { controller } = issuing;
    for (const shape of [
      deviceRoutes.read,
      deviceRoutes.update,
      deviceRoutes.remove,
      deviceRoutes.profile,
      deviceRoutes.revokeProfile,
    ]) {
      const body = 'body' in shape ? { body: { name: 'taken' } } : {};
      const refused = await refusal(controller, shape, { id: bob.device, query: { userId: eve.user }, ...body });
      assert.equal(refused.status, 404, `${shape.method} ${shape.path}`);
    }
  });

  it('a route and a connector are not deleted beside another network’s id', async () => {
    const { controller } = issuing;
    const query = { networkId: branch.network };
    assert.equal((await refusal(controller, networkRouteRoutes.remove, { id: hq.route, query })).status, 404);
    assert.equal((await refusal(controller, networkConnectorRoutes.remove, { id: hq.connector, query })).status, 404);
  });

  it('an id in the body changes nothing about which object the path means', async () => {
    const { controller } = issuing;
    const other = await call(controller, networkRoutes.read, { id: branch.network });
    const changed = await call(controller, networkRoutes.update, {
      id: hq.network,
      body: { id: branch.network, name: 'renamed', networkId: branch.network },
    });
    assert.deepEqual([changed.id, changed.name], [hq.network, 'renamed']);
    assert.deepEqual(await call(controller, networkRoutes.read, { id: branch.network }), other);

    const device = await call(controller, deviceRoutes.update, {
      id: bob.device,
      body: { id: eve.device, userId: eve.user, name: 'mine' },
    });
    assert.deepEqual([device.id, device.userId, device.name], [bob.device, bob.user, 'mine']);
    assert.equal((await call(controller, deviceRoutes.read, { id: eve.device })).name, 'laptop');

    const connector = await call(controller, networkConnectorRoutes.update, {
      id: hq.connector,
      body: { id: branch.connector, networkItemId: branch.network, name: 'moved?' },
    });
    assert.deepEqual([connector.id, connector.networkItemId], [hq.connector, hq.network]);
    // A key that the schema does not know never reaches the domain.
    assert.deepEqual(Object.keys(connectorRequest.parse({ name: 'x', networkItemId: 'y', id: 'z' })), ['name']);
  });

  it('a parameter given twice is refused, rather than one of the two taken', async () => {
    const { controller } = issuing;
    const before = await everything(controller);
    for (const [method, url] of [
      ['GET', `/api/v1/devices?userId=${bob.user}&userId=${eve.user}`],
      ['DELETE', `/api/v1/devices/${bob.device}?userId=${bob.user}&userId=${eve.user}`],
      ['DELETE', `/api/v1/networks/routes/${hq.route}?networkId=${hq.network}&networkId=${branch.network}`],
      ['POST', `/api/v1/networks/connectors?networkId=${hq.network}&networkId=${branch.network}`],
    ] as const) {
      assert.equal((await controller.request(method, url, method === 'POST' ? { name: 'x' } : undefined)).status, 400, url);
    }
    assert.equal(await everything(controller), before);
  });

  describe('connector agents', () => {
    const agent = '/api/causeway/v1/connector-agent';
    const ask = async (method: 'GET' | 'POST', url: string, secret: string, payload?: string) =>
      await issuing.controller.app.inject({
        method,
        url: `${agent}/${url}`,
        headers: { authorization: `Bearer ${secret}`, ...(payload === undefined ? {} : { 'content-type': 'text/plain' }) },
        ...(payload === undefined ? {} : { payload }),
      });
    const enrol = async (connector: string) => {
      const { token } = await call(issuing.controller, installTokenRoutes.create, { id: connector });
      const request = certificateRequest(await newPrivateKey());
      const answer = await ask('POST', 'enroll', token, request);
      assert.equal(answer.statusCode, 200, answer.body);
      return { token, request, answer: answer.body, credential: /^credential (\S+)$/m.exec(answer.body)?.[1] ?? '' };
    };

    it('become the connector of their token, whatever they say they are', async () => {
      const { token } = await call(issuing.controller, installTokenRoutes.create, { id: hq.connector });
      const request = certificateRequest(await newPrivateKey());
      const claimed = await ask('POST', `enroll?held=${branch.connector}`, token, request);
      assert.equal(claimed.statusCode, 409);
      const { body } = await ask('POST', `enroll?connector=${branch.connector}&id=${branch.connector}`, token, request);
      assert.match(body, new RegExp(`^connector ${hq.connector}$`, 'm'));
    });

    it('see and change their own connector alone, and cannot use each other’s key', async () => {
      const [mine, theirs] = [await enrol(hq.connector), await enrol(branch.connector)];
      const naming = `id=${branch.connector}&connector=${branch.connector}`;
      const desired = (await ask('GET', `desired?${naming}`, mine.credential)).body;
      assert.match(desired, /^local 10\.0\.0\.0\/16$/m);
      assert.doesNotMatch(desired, /^local 10\.1\./m);
      const [profile, other] = [
        (await ask('GET', `profile?${naming}`, mine.credential)).body,
        (await ask('GET', 'profile', theirs.credential)).body,
      ];
      assert.notEqual(/<cert>[^<]+/.exec(profile)?.[0], /<cert>[^<]+/.exec(other)?.[0]);
      assert.equal((await ask('POST', 'certificate', mine.credential, theirs.request)).statusCode, 409);

      const raw = `== addr ${'a'.repeat(64)}\nmine\n`;
      assert.equal((await ask('POST', `observation?${naming}`, mine.credential, raw)).statusCode, 204);
      const rows = await issuing.controller.deps.store.database.selectFrom('observation').select('connector_id').execute();
      assert.deepEqual(
        rows.map(({ connector_id }) => connector_id),
        [hq.connector],
      );
    });

    it('are shut out with their connector, and their tokens with it', async () => {
      const { controller } = issuing;
      const { connectors } = await call(controller, networkRoutes.create, {
        body: { name: 'gone', connectors: [{ name: 'c' }] },
      });
      const id = connectors[0]?.id ?? '';
      const { credential } = await enrol(id);
      const { token } = await call(controller, installTokenRoutes.create, { id });
      await call(controller, networkConnectorRoutes.remove, { id });
      assert.equal((await ask('GET', 'desired', credential)).statusCode, 401);
      assert.equal((await ask('POST', 'enroll', token, certificateRequest(await newPrivateKey()))).statusCode, 401);
    });
  });

  it('what a host’s connector reports and its install token need the permission for hosts as well', async () => {
    const { controller } = issuing;
    const ask = async (permissions: Parameters<typeof controller.tokenWith>[0], method: 'GET' | 'POST', url: string) => {
      const authorization = `Bearer ${await controller.tokenWith(permissions)}`;
      return (await controller.app.inject({ method, url, headers: { authorization } })).statusCode;
    };
    const observations = (id: string) => `/api/causeway/v1/connectors/${id}/observations`;
    assert.equal(await ask(['network:read'], 'GET', observations(hq.connector)), 200);
    assert.equal(await ask(['network:read'], 'GET', observations(hostConnector)), 403);
    assert.equal(await ask(['network:read', 'host:read'], 'GET', observations(hostConnector)), 200);
    const token = `/api/causeway/v1/connectors/${hostConnector}/install-token`;
    assert.equal(await ask(['network:modify', 'host:read'], 'POST', token), 403);
    assert.equal(await ask(['network:modify', 'host:modify'], 'POST', token), 200);
  });
});
