import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import type { z } from 'zod';
import type { OwnDevice } from '../../contract/api/own-device.ts';
import { ownDevice, ownDeviceRoutes, profileLink } from '../../contract/api/own-device.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { errorResponse } from '../../contract/errors.ts';
import type { DeviceId, RegionId, Serial } from '../../core/ids.ts';
import type { TestBrowser, TestPerson } from '../identity/test-people.ts';
import { makePerson, signedInBrowser } from '../identity/test-people.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import type { IssuingController } from './test-api.ts';
import { call, issuingController, reportSession } from './test-api.ts';

let issuing: IssuingController;
let controller: TestController;
before(async () => {
  issuing = await issuingController();
  controller = issuing.controller;
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});
afterEach(async () => await distribute('AUTOMATIC'));

type Member = { readonly person: TestPerson; readonly browser: TestBrowser };

async function newMember(): Promise<Member> {
  const person = await makePerson(controller, { username: `u-${randomBytes(5).toString('hex')}`, password: null });
  return { person, browser: await signedInBrowser(controller, person) };
}

async function distribute(how: 'AUTOMATIC' | 'MANUAL'): Promise<void> {
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx }) => {
    await trx.updateTable('wpc').set({ profile_distribution: how }).execute();
  });
}

async function addDevice({ browser }: Member, name = 'laptop'): Promise<OwnDevice> {
  const answer = await browser.ask('POST', 'me/devices', { name, platform: 'linux' });
  assert.equal(answer.status, 201, answer.text);
  return ownDevice.strict().parse(answer.json());
}

async function list({ browser }: Member): Promise<z.output<typeof ownDeviceRoutes.list.answer>> {
  return ownDeviceRoutes.list.answer.strict().parse((await browser.ask('GET', 'me/devices')).json());
}

async function makeLink({ browser }: Member, device: string): Promise<{ token: string; path: string }> {
  const answer = await browser.ask('POST', `me/devices/${device}/profile-link`);
  assert.equal(answer.status, 200, answer.text);
  const { url, importUrl, expiresAt } = profileLink.strict().parse(answer.json());
  const token = /^https:\/\/causeway\.test\/profile\/([A-Za-z0-9_-]{43})$/.exec(url)?.[1];
  assert.ok(token !== undefined, url);
  assert.equal(importUrl, `openvpn://import-profile/${url}`);
  const left_ms = Date.parse(expiresAt) - Date.now();
  assert.ok(left_ms > 9 * 60_000 && left_ms < 11 * 60_000, expiresAt);
  return { token, path: `/profile/${token}` };
}

const fetchProfile = async (path: string, method: 'GET' | 'HEAD' = 'GET') => await controller.app.inject({ method, url: path });

async function certificates(device: string) {
  return await controller.deps.store.database
    .selectFrom('certificate')
    .select(['serial', 'revoked_at'])
    .where('device_id', '=', device as DeviceId)
    .orderBy('created_at')
    .execute();
}

const validCount = async (device: string): Promise<number> =>
  (await certificates(device)).filter(({ revoked_at }) => revoked_at === null).length;

function reasonOf(text: string): string {
  return errorResponse.parse(JSON.parse(text)).errorMessage;
}

test('a person adds, lists, renames and removes devices', async () => {
  const member = await newMember();
  assert.deepEqual(await list(member), { devices: [], allowance: 3, distribution: 'AUTOMATIC' });
  const made = await addDevice(member);
  assert.deepEqual([made.name, made.platform, made.hasProfile, made.lastConnectedAt], ['laptop', 'linux', false, null]);
  const renamed = await member.browser.ask('PATCH', `me/devices/${made.id}`, { name: 'notebook' });
  assert.equal(renamed.status, 200, renamed.text);
  const { devices } = await list(member);
  assert.deepEqual(devices, [{ ...made, name: 'notebook' }]);
  await reportSession(issuing, { device: made.id }, { state: 'established', startedAt: new Date('2026-11-01T10:00:00Z') });
  const [online] = (await list(member)).devices;
  assert.deepEqual([online?.connectionStatus, online?.lastConnectedAt], ['ONLINE', '2026-11-01T10:00:00.000Z']);
  assert.equal((await member.browser.ask('DELETE', `me/devices/${made.id}`)).status, 204);
  assert.deepEqual((await list(member)).devices, []);
  for (const body of [
    { name: '', platform: 'linux' },
    { name: 'x'.repeat(33), platform: 'linux' },
    { name: 'x', platform: 'amiga' },
  ]) {
    assert.equal((await member.browser.ask('POST', 'me/devices', body)).status, 400, JSON.stringify(body));
  }
});

test('the group’s allowance holds, and says so', async () => {
  const member = await newMember();
  for (const name of ['a', 'b', 'c']) await addDevice(member, name);
  const fourth = await member.browser.ask('POST', 'me/devices', { name: 'd', platform: 'ios' });
  assert.equal(fourth.status, 409);
  assert.match(reasonOf(fourth.text), /has 3 of the 3 devices that user group Default allows/);
  const both = await newMember();
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => await both.browser.ask('POST', 'me/devices', { name: 'x', platform: 'other' })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 3);
});

test('devices of others do not exist, whatever the role', async () => {
  const owner = await newMember();
  const device = await addDevice(owner);
  const admin = await makePerson(controller, { username: `a-${randomBytes(5).toString('hex')}`, role: 'ADMIN' });
  for (const browser of [(await newMember()).browser, await signedInBrowser(controller, admin)]) {
    const calls = [
      await browser.ask('PATCH', `me/devices/${device.id}`, { name: 'mine' }),
      await browser.ask('DELETE', `me/devices/${device.id}`),
      await browser.ask('POST', `me/devices/${device.id}/profile`),
      await browser.ask('POST', `me/devices/${device.id}/profile-link`),
    ];
    assert.deepEqual(
      calls.map(({ status }) => status),
      [404, 404, 404, 404],
    );
  }
  assert.deepEqual((await list(owner)).devices, [device]);
});

test('where administrators hand profiles out, people make none, and are told why', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const { path } = await makeLink(member, device.id);
  await distribute('MANUAL');
  const calls = [
    await member.browser.ask('POST', 'me/devices', { name: 'x', platform: 'linux' }),
    await member.browser.ask('POST', `me/devices/${device.id}/profile`),
    await member.browser.ask('POST', `me/devices/${device.id}/profile-link`),
  ];
  for (const { status, text } of calls) {
    assert.equal(status, 403);
    assert.match(reasonOf(text), /made by the administrators of this WPC \(profile distribution is MANUAL\)/);
  }
  assert.equal((await fetchProfile(path)).statusCode, 403);
  assert.deepEqual(await certificates(device.id), []);
  assert.equal((await list(member)).distribution, 'MANUAL');
  assert.equal((await member.browser.ask('PATCH', `me/devices/${device.id}`, { name: 'still mine' })).status, 200);
});

test('a profile is made on request, with a key of its own, and removing the device revokes it', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const profile = await member.browser.ask('POST', `me/devices/${device.id}/profile`);
  assert.equal(profile.status, 200, profile.text);
  assert.match(profile.text, /^remote causeway\.test 1194 udp$/m);
  assert.match(profile.text, /-----BEGIN PRIVATE KEY-----/);
  assert.equal((await list(member)).devices[0]?.hasProfile, true);
  const [certificate] = await certificates(device.id);
  assert.equal((await member.browser.ask('DELETE', `me/devices/${device.id}`)).status, 204);
  const { revoked_at } = await controller.deps.store.database
    .selectFrom('certificate')
    .select('revoked_at')
    .where('serial', '=', certificate?.serial as Serial)
    .executeTakeFirstOrThrow();
  assert.ok(revoked_at !== null);
});

test('a region that the group may not use is refused, for profiles and for links', async () => {
  const group = await call(controller, userGroupRoutes.create, { body: { name: 'Milan', vpnRegionIds: ['it-mxp'] } });
  const member = await newMember();
  await call(controller, userRoutes.update, { id: member.person.id, body: { groupId: group.id } });
  const device = await addDevice(member);
  for (const path of ['profile', 'profile-link']) {
    const refused = await member.browser.ask('POST', `me/devices/${device.id}/${path}?regionId=us-mia`);
    assert.equal(refused.status, 400);
    assert.match(reasonOf(refused.text), /is not open to the user's group; allowed: it-mxp/);
    assert.equal((await member.browser.ask('POST', `me/devices/${device.id}/${path}?regionId=it-mxp`)).status, 200);
  }
});

test('one click: the link gives the profile with its type, without signing in, and HEAD changes nothing', async () => {
  const member = await newMember();
  const device = await addDevice(member, 'Bob’s "phone"\r\nX: y');
  const { path } = await makeLink(member, device.id);
  for (let count = 0; count < 5; count += 1) {
    const head = await fetchProfile(path, 'HEAD');
    assert.deepEqual([head.statusCode, head.headers['content-type'], head.body], [200, 'application/x-openvpn-profile', '']);
  }
  assert.deepEqual(await certificates(device.id), []);
  const answer = await fetchProfile(path);
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(answer.headers['content-type'], 'application/x-openvpn-profile');
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="Bob-s-phone-X-y.ovpn"');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(answer.body, /-----BEGIN PRIVATE KEY-----/);
  assert.equal(await validCount(device.id), 1);
});

test('it may be fetched three times, each voiding the certificate of the one before', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const handedOver = await member.browser.ask('POST', `me/devices/${device.id}/profile`);
  assert.equal(handedOver.status, 200);
  const { path } = await makeLink(member, device.id);
  for (let count = 1; count <= 3; count += 1) {
    assert.equal((await fetchProfile(path)).statusCode, 200);
    const all = await certificates(device.id);
    assert.equal(all.length, 1 + count);
    // The profile that was made in another way is not touched; of those of the link only the last is good.
    assert.deepEqual(
      all.map(({ revoked_at }) => revoked_at === null),
      [true, ...Array.from({ length: count - 1 }, () => false), true],
    );
  }
  const fourth = await fetchProfile(path);
  assert.equal(fourth.statusCode, 404);
  assert.match(reasonOf(fourth.body), /has been used 3 times/);
  assert.equal((await fetchProfile(path, 'HEAD')).statusCode, 404);
  assert.equal(await validCount(device.id), 2);
});

test('of many who fetch at once three get a profile, and one of them is good', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const { path } = await makeLink(member, device.id);
  const answers = await Promise.all(Array.from({ length: 8 }, async () => await fetchProfile(path)));
  assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 3);
  assert.equal(answers.filter(({ statusCode }) => statusCode === 404).length, 5);
  assert.equal(await validCount(device.id), 1);
  assert.equal((await certificates(device.id)).length, 3);
});

test('it ends with the first tunnel of what it gave', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const { path } = await makeLink(member, device.id);
  assert.equal((await fetchProfile(path)).statusCode, 200);
  const [certificate] = await certificates(device.id);
  await controller.deps.store.database
    .updateTable('certificate')
    .set({ first_used_at: new Date() })
    .where('serial', '=', certificate?.serial as Serial)
    .execute();
  const again = await fetchProfile(path);
  assert.equal(again.statusCode, 404);
  assert.match(reasonOf(again.body), /its profile has connected/);
  assert.equal(await validCount(device.id), 1);
});

test('it ends by time, by a newer one, with the device, and while its user is suspended', async () => {
  const { database } = controller.deps.store;
  const member = await newMember();
  const device = await addDevice(member);
  const first = await makeLink(member, device.id);
  const second = await makeLink(member, device.id);
  assert.match(reasonOf((await fetchProfile(first.path)).body), /is not known/);
  await database
    .updateTable('profile_link')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('device_id', '=', device.id as DeviceId)
    .execute();
  const expired = await fetchProfile(second.path);
  assert.deepEqual([expired.statusCode, /has expired/.test(reasonOf(expired.body))], [404, true]);
  const third = await makeLink(member, device.id);
  await call(controller, userRoutes.suspend, { id: member.person.id });
  assert.match(reasonOf((await fetchProfile(third.path)).body), /is suspended/);
  await call(controller, userRoutes.activate, { id: member.person.id });
  assert.equal((await fetchProfile(third.path)).statusCode, 200);
  const again = await signedInBrowser(controller, member.person);
  assert.equal((await again.ask('DELETE', `me/devices/${device.id}`)).status, 204);
  assert.equal((await fetchProfile(third.path)).statusCode, 404);
  for (const path of ['/profile/x', `/profile/${'x'.repeat(43)}`, `/profile/${'x'.repeat(5_000)}`, '/profile/%00']) {
    const answer = await fetchProfile(path);
    assert.equal(answer.statusCode, 404, path.slice(0, 60));
  }
});

test('the secret of a link is in no log and in no table but as a hash', async () => {
  const member = await newMember();
  const device = await addDevice(member);
  const { token, path } = await makeLink(member, device.id);
  assert.equal((await fetchProfile(path)).statusCode, 200);
  await fetchProfile(`${path}/x`);
  assert.equal(controller.logged().includes(token), false);
  assert.ok(controller.logged().includes('/profile/:token'));
  const rows = await controller.deps.store.database
    .selectFrom('audit')
    .select(['action', 'principal_name', 'after'])
    .orderBy('id')
    .execute();
  assert.equal(JSON.stringify(rows).includes(token), false);
  assert.ok(rows.some(({ action, principal_name }) => action === 'profile-downloaded' && principal_name === 'profile link'));
});

test('regions: one for each gateway that the group may use, the default first, with what to measure', async () => {
  const { store } = controller.deps;
  const regionsOf = async ({ browser }: Member) =>
    ownDeviceRoutes.regions.answer.parse((await browser.ask('GET', 'me/regions')).json());
  const member = await newMember();
  const [only, ...rest] = await regionsOf(member);
  assert.deepEqual(rest, []);
  assert.deepEqual(only, {
    id: 'eu-central-1',
    name: 'Frankfurt',
    country: 'Germany',
    countryIso: 'DE',
    servedBy: 'eu-central-1',
    isDefault: true,
    latencyUrl: 'https://causeway.test/api/causeway/v1/healthz',
  });
  const second = await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const values = { name: 'second', region: 'us-mia', hostname: 'miami.example.com', reported_at: new Date() };
    const { id } = await trx
      .insertInto('gateway')
      .values({ ...values, region: values.region as RegionId })
      .returning('id')
      .executeTakeFirstOrThrow();
    record({ entity: 'gateway', entityId: id, action: 'created' });
    return id;
  });
  try {
    const both = await regionsOf(member);
    assert.deepEqual(
      both.map(({ id, isDefault, latencyUrl }) => [id, isDefault, latencyUrl === null]),
      [
        ['eu-central-1', true, false],
        ['us-mia', false, true],
      ],
    );
    const far = await call(controller, userGroupRoutes.create, { body: { name: 'Far', vpnRegionIds: ['it-mxp', 'us-mia'] } });
    await call(controller, userRoutes.update, { id: member.person.id, body: { groupId: far.id } });
    // Milan has no gateway: the default region's serves it.
    assert.deepEqual(
      (await regionsOf(member)).map(({ id, servedBy, isDefault }) => [id, servedBy, isDefault]),
      [
        ['it-mxp', 'eu-central-1', true],
        ['us-mia', 'us-mia', false],
      ],
    );
  } finally {
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      await trx.deleteFrom('gateway').where('id', '=', second).execute();
      record({ entity: 'gateway', entityId: second, action: 'deleted' });
    });
  }
});

test('what can be reached: networks and hosts by name, and where internet traffic goes', async () => {
  const member = await newMember();
  await call(controller, networkRoutes.create, {
    body: {
      name: 'HQ <Network>',
      routes: [{ value: '10.0.0.0/18' }],
      connectors: [{ name: 'hq-1', vpnRegionId: 'eu-central-1' }],
    },
  });
  const host = await controller.request('POST', '/api/v1/hosts', {
    name: 'build',
    connectors: [{ name: 'build-1', vpnRegionId: 'eu-central-1' }],
  });
  assert.equal(host.status, 200, host.text);
  const reach = ownDeviceRoutes.reach.answer.strict().parse((await member.browser.ask('GET', 'me/reach')).json());
  assert.deepEqual(reach.networks, [{ name: 'HQ <Network>', prefixes: ['10.0.0.0/18'] }]);
  assert.deepEqual(
    reach.hosts.map(({ name, addresses }) => [name, addresses.length]),
    [['build', 1]],
  );
  assert.deepEqual([reach.reachesDevices, reach.internet], [true, 'local']);
});
