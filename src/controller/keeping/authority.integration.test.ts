import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { authorityRoutes } from '../../contract/api/authority.ts';
import { agentProfile, keepAgentCertificate, signAgentCertificate } from '../pki/agent-profile.ts';
import { certificateRequest } from '../pki/certificate-request.ts';
import { issueDeviceProfile, tlsCryptV2ServerKey } from '../pki/endpoint-profile.ts';
import { newPrivateKey, privateKeyPem } from '../pki/key-pair.ts';
import { currentPortalCertificate } from '../pki/portal-certificate.ts';
import { SignerClient } from '../pki/signer-client.ts';
import type { GatewayIdentity } from '../pki/test-handshake.ts';
import { freeUdpPort, tryHandshake } from '../pki/test-handshake.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { serverKeyPem } from '../pki/tls-crypt-v2.ts';
import { systemActor } from '../principal.ts';
import { openAuthority } from '../signer/authority.ts';
import { startSigner } from '../signer/test-signer.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { storeReport } from '../gateway-stream/store-report.ts';
import { testController } from '../test-controller.ts';
import { describeAuthority, replaceAuthority } from './renew-authority.ts';
import { lookAfter } from './watch-regularly.ts';

const year = 365.25 * 86_400_000;

/** The real signer with a CA that was made so many years ago, the real database, and real openvpn on both sides. */
async function installation(ageInYears: number) {
  const signer = await startSigner(async (directory) => await openAuthority(directory, new Date(Date.now() - ageInYears * year)));
  const client = new SignerClient(signer.socketPath);
  const controller = await testController({ signer: client });
  const wpc = await makeSmallWpc(controller.deps.store);
  const close = async () => {
    await controller.close();
    await client.close();
    await signer.stop();
  };
  return { signer, client, controller, wpc, deps: controller.deps, [Symbol.asyncDispose]: close };
}

type Installation = Awaited<ReturnType<typeof installation>>;

/** What a lane reads at its start: the gateway has said hello now. */
async function laneIdentity({ client, deps }: Installation): Promise<GatewayIdentity> {
  const key = await newPrivateKey();
  const order = { kind: 'gateway', certificateRequest: certificateRequest(key), lifetimeSeconds: 86_400 } as const;
  const { certificate } = await client.sign(order);
  const tlsCryptV2ServerKey_ = serverKeyPem(await tlsCryptV2ServerKey(deps));
  return { ca: await client.authority(), certificate, key: privateKeyPem(key), tlsCryptV2ServerKey: tlsCryptV2ServerKey_ };
}

/** The gateway reports that its lanes believe what is believed now. */
async function lanesBelieve({ client, deps, wpc }: Installation): Promise<void> {
  const { current, next } = await client.authorities();
  const trusts = [current, ...(next === undefined ? [] : [next])].map((pem) => new X509Certificate(pem).fingerprint256);
  const nothing = { appliedRevision: 1, full: false, lanes: [], sessions: [], connectors: [], pools: [], problems: [] };
  await storeReport(deps.store, wpc.gateway, { ...nothing, trusts });
}

async function connect(identity: GatewayIdentity, profile: string) {
  const port = await freeUdpPort();
  // As the first remote, so that it is tried at once.
  return await tryHandshake(identity, profile.replace(/^remote .*$/m, `remote 127.0.0.1 ${String(port)} udp`), port);
}

const roots = (profile: string) => /<ca>\n([^]*)<\/ca>/.exec(profile)?.[1]?.match(/BEGIN/g)?.length;

test('the CA is renewed with an overlap in which old and new profiles and a connector connect, and afterwards the old one is refused', async () => {
  await using all = await installation(16.5);
  const { controller, deps, wpc, client, signer } = all;
  const phase = async () => (await describeAuthority(deps, new Date())).phase;
  const oldProfile = await issueDeviceProfile(deps, systemActor, wpc.device);
  assert.equal(roots(oldProfile), 1);

  // Due: four years before its end. The gateway has not taken it up.
  await lookAfter(deps);
  assert.equal(await phase(), 'announced');
  await lookAfter(deps);
  const announced = await describeAuthority(deps, new Date());
  assert.deepEqual(announced.gatewaysBehind, ['local']);
  const between = await issueDeviceProfile(deps, systemActor, wpc.device);
  assert.equal(roots(between), 2);

  // The switch is not in the second in which they were made.
  await inModelTransaction(deps.store, systemActor, async ({ trx, record }) => {
    await sql`update certificate set not_before = not_before - interval '1 day'`.execute(trx);
    record({ entity: 'test', entityId: 'test', action: 'time passed' });
  });
  await lanesBelieve(all);
  await lookAfter(deps);
  assert.equal(await phase(), 'switched');
  const newProfile = await issueDeviceProfile(deps, systemActor, wpc.device);
  const agentKey = await newPrivateKey();
  const signed = await signAgentCertificate(deps, wpc.connector, certificateRequest(agentKey));
  await inModelTransaction(deps.store, systemActor, async (change) => await keepAgentCertificate(change, wpc.connector, signed));
  const agents = await agentProfile(deps, deps.store.database, wpc.connector);
  assert.equal(roots(agents), 2);
  const connector = `${agents}<key>\n${privateKeyPem(agentKey).trim()}\n</key>\n`;

  const lanes = await laneIdentity(all);
  for (const [name, profile] of Object.entries({ old: oldProfile, between, new: newProfile, connector })) {
    const { connected, clientLog } = await connect(lanes, profile);
    assert.ok(connected, `the ${name} profile: ${clientLog}`);
  }
  // Without the switch the new one would be of the old CA, and a lane that has not taken up the next CA refuses it.
  const { current, next } = await client.authorities();
  assert.ok(next !== undefined);
  const behind = await connect({ ...lanes, ca: current }, newProfile);
  assert.equal(behind.connected, false);
  assert.match(
    behind.serverLog,
    /VERIFY ERROR: depth=\d, error=(unable to get local issuer certificate|self-signed certificate in certificate chain)/,
  );

  // Who holds the old ones is named, and while they do nothing ends.
  const waiting = await describeAuthority(deps, new Date());
  assert.deepEqual(
    waiting.dependents.map(({ kind, name }) => [kind, name]),
    [['device', 'bob - laptop']],
  );
  await lookAfter(deps);
  assert.equal(await phase(), 'switched');

  // A restart of the signer, in the middle.
  await signer.kill();
  await signer.start();
  // A month before the end the old one goes, whoever still has it.
  await lookAfter({ ...deps, clock: () => new Date(Date.now() + 3.45 * year) });
  const retired = await describeAuthority(deps, new Date());
  assert.equal(retired.current.sha256, new X509Certificate(next).fingerprint256);
  const after = await laneIdentity(all);
  for (const [name, profile] of Object.entries({ new: newProfile, connector })) {
    const { connected, clientLog } = await connect(after, profile);
    assert.ok(connected, `the ${name} profile afterwards: ${clientLog}`);
  }
  const refused = await connect(after, oldProfile);
  assert.equal(refused.connected, false);
  assert.match(
    refused.clientLog,
    /VERIFY ERROR: depth=\d, error=(unable to get local issuer certificate|self-signed certificate in certificate chain)/,
  );
  // Nobody has to guess why: its certificates are revoked, so that the device has no profile that can connect but the new one.
  const left = await deps.store.database.selectFrom('certificate').select('serial').where('revoked_at', 'is', null).execute();
  assert.equal(left.length, 2);
  const told = await deps.store.database
    .selectFrom('event')
    .select('topic')
    .where('entity', '=', 'authority')
    .orderBy('seq')
    .execute();
  assert.deepEqual(
    told.map(({ topic }) => topic),
    ['announced', 'switched', 'retired', 'in-force'].map((action) => `authority.${action}`),
  );
  assert.ok(existsSync(join(signer.directory, 'retired.crt')));
  assert.equal((await controller.request('GET', authorityRoutes.read.path)).status, 200);
});

test('with a CA that has ended the controller starts, says so, and one command mends it', async () => {
  await using all = await installation(20.1);
  const { deps, wpc, client, signer, controller } = all;
  const portal = async () =>
    await currentPortalCertificate({ signer: client, directory: signer.directory, hostname: '127.0.0.1', now: new Date() });
  await assert.rejects(issueDeviceProfile(deps, systemActor, wpc.device), /the CA ended on 20.*causeway ca renew --now/);
  // The portal shows what it has: as if it had been made in time.
  await assert.rejects(portal(), /the CA ended/);
  const made = await issueSelfSigned(signer.directory);
  assert.equal((await portal()).certificate, made);
  await lookAfter(deps);
  const { rows } = await sql<{
    message: string;
  }>`select message from condition where code = 'ca-expiring' and level = 'ended'`.execute(deps.store.database);
  assert.match(rows[0]?.message ?? '', /^The CA ended on .*, so no tunnel can be made.*causeway ca renew --now/);
  assert.equal((await describeAuthority(deps, new Date())).phase, 'single', 'it is not replaced by itself');

  await replaceAuthority(deps, systemActor);
  await lookAfter(deps);
  assert.equal((await sql`select from condition`.execute(deps.store.database)).rows.length, 0);
  const profile = await issueDeviceProfile(deps, systemActor, wpc.device);
  const { connected, clientLog } = await connect(await laneIdentity(all), profile);
  assert.ok(connected, clientLog);
  assert.notEqual((await portal()).certificate, made);
  assert.match(controller.logged(), /The CA ended on/);
});

test('a retirement that was cut off is completed at the next start, wherever it was', async () => {
  for (const cut of ['nothing moved', 'key moved'] as const) {
    const signer = await startSigner();
    const client = new SignerClient(signer.socketPath);
    try {
      await client.stepAuthority('begin');
      await assert.rejects(client.stepAuthority('retire'), /does not sign yet/);
      const { next } = await client.stepAuthority('switch');
      const again = await client.stepAuthority('begin');
      assert.equal(again.next, next, 'a step that was taken changes nothing');
      await signer.kill();
      const at = (name: string) => join(signer.directory, name);
      await writeFile(at('next.retires'), 'now\n');
      if (cut === 'key moved') await writeFile(at('ca.key'), readFileSync(at('next.key')));
      await signer.start();
      const after = new SignerClient(signer.socketPath);
      assert.deepEqual(await after.authorities(), { current: next, next: undefined, switchedAt: undefined }, cut);
      await after.close();
      for (const gone of ['next.key', 'next.crt', 'next.signs', 'next.retires'])
        assert.ok(!existsSync(at(gone)), `${cut}: ${gone}`);
    } finally {
      await client.close();
      await signer.stop();
    }
  }
});

/** A key and a certificate of it where the portal keeps its own; gives the certificate. */
async function issueSelfSigned(directory: string): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=x',
    '-days',
    '5',
  ];
  execFileSync('openssl', [...request, '-keyout', join(directory, 'tls.key'), '-out', join(directory, 'tls.crt')], {
    stdio: 'ignore',
  });
  return readFileSync(join(directory, 'tls.crt'), 'utf8');
}
