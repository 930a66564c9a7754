import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { revokeDeviceProfiles } from '../domain/devices.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { loadModel } from '../store/load-model.ts';
import { agentProfile, keepAgentCertificate, signAgentCertificate } from './agent-profile.ts';
import { listRevocations, unusedCertificatesKept } from './certificates.ts';
import { encryptProfile, issueEncryptedProfile, readEncryptedProfile } from './encrypted-profile.ts';
import { issueConnectorProfile, issueDeviceProfile, tlsCryptV2ServerKey } from './endpoint-profile.ts';
import { freeUdpPort, tryHandshake } from './test-handshake.ts';
import { certificateRequest } from './certificate-request.ts';
import { newPrivateKey, privateKeyPem } from './key-pair.ts';
import { SignerClient } from './signer-client.ts';
import { SignerError } from './signer-error.ts';
import type { SmallWpc, TestPki } from './test-pki.ts';
import { makeSmallWpc, testPki } from './test-pki.ts';
import { serverKeyPem } from './tls-crypt-v2.ts';

const unknownConnector = '00000000-0000-4000-8000-000000000000' as ConnectorId;

describe('profiles', () => {
  let pki: TestPki;
  let wpc: SmallWpc;
  let port: number;

  before(async () => {
    pki = await testPki();
    port = await freeUdpPort();
    wpc = await makeSmallWpc(pki.database.store, { vpnPort: port });
  });
  after(() => pki.close());

  const certificates = () =>
    pki.database.store.database.selectFrom('certificate').selectAll().orderBy('created_at').orderBy('serial').execute();

  async function gatewayIdentity() {
    const key = await newPrivateKey();
    const order = { kind: 'gateway', certificateRequest: certificateRequest(key), lifetimeSeconds: 86_400 } as const;
    const { certificate } = await pki.deps.signer.sign(order);
    const tlsCryptV2 = serverKeyPem(await tlsCryptV2ServerKey(pki.deps));
    return { ca: await pki.deps.signer.authority(), certificate, key: privateKeyPem(key), tlsCryptV2ServerKey: tlsCryptV2 };
  }

  it('connects a stock client with a device profile, and binds the serial to the device', async () => {
    const profile = await issueDeviceProfile(pki.deps, systemActor, wpc.device);
    assert.match(profile, new RegExp(`^setenv FRIENDLY_NAME "bob - laptop"$[^]*^remote 127\\.0\\.0\\.1 ${port} udp$`, 'm'));
    const result = await tryHandshake(await gatewayIdentity(), profile, port);
    assert.ok(result.connected, result.clientLog);
    const { serial } = certificateIn(profile);
    const { model } = await loadModel(pki.database.store.database);
    assert.deepEqual(model.certificates.find((certificate) => certificate.serial === serial)?.endpoint, {
      kind: 'device',
      id: wpc.device,
    });
    assert.match(result.serverLog, new RegExp(`VERIFY OK: depth=0, CN=${serial}`));
  });

  it('gives a connector its own lane first, then TCP', async () => {
    const profile = await issueConnectorProfile(pki.deps, systemActor, wpc.connector);
    assert.deepEqual(profile.match(/^remote .*$/gm), [`remote 127.0.0.1 ${port + 16} udp`, `remote 127.0.0.1 ${port} tcp`]);
    assert.match(profile, /FRIENDLY_NAME "HQ Network - hq-1"/);
  });

  it('gives another key each time, keeps none, and leaves the earlier profile valid', async () => {
    const [first, second] = [
      await issueConnectorProfile(pki.deps, systemActor, wpc.connector),
      await issueConnectorProfile(pki.deps, systemActor, wpc.connector),
    ];
    assert.notEqual(certificateIn(first).serial, certificateIn(second).serial);
    assert.notEqual(keyIn(first), keyIn(second));
    const rows = await certificates();
    for (const profile of [first, second]) {
      const row = rows.find(({ serial }) => serial === certificateIn(profile).serial);
      assert.equal(row?.connector_id, wpc.connector);
      assert.equal(row?.revoked_at, null);
      const certificate = new X509Certificate(certificateIn(profile).pem);
      assert.ok(certificate.checkPrivateKey(createPrivateKey(keyIn(profile))));
    }
    const stored = JSON.stringify(await Promise.all(['certificate', 'event', 'audit', 'secret'].map((table) => dump(table))));
    const secretLine = keyIn(second).split('\n')[1] ?? '';
    assert.ok(secretLine.length > 40 && !stored.includes(secretLine), 'a private key was stored');
  });

  it('lets only surplus unused certificates lapse: used ones and the newest stay', async () => {
    const before = await certificates();
    const used = before.find(({ connector_id }) => connector_id === wpc.connector);
    assert.ok(used !== undefined);
    await pki.database.store.database
      .updateTable('certificate')
      .set({ first_used_at: new Date() })
      .where('serial', '=', used.serial)
      .execute();
    const issued: string[] = [];
    for (let count = 0; count < unusedCertificatesKept + 3; count += 1) {
      issued.push(certificateIn(await issueConnectorProfile(pki.deps, systemActor, wpc.connector)).serial);
    }
    const ofConnector = (await certificates()).filter(({ connector_id }) => connector_id === wpc.connector);
    assert.deepEqual(
      new Set(ofConnector.map(({ serial }) => serial)),
      new Set([used.serial, ...issued.slice(-unusedCertificatesKept)]),
    );
    assert.equal((await certificates()).filter(({ device_id }) => device_id === wpc.device).length, 1);
  });

  it('lists what was revoked, and the model knows it no more', async () => {
    await issueDeviceProfile(pki.deps, systemActor, wpc.device);
    const ofDevice = (await certificates()).filter(({ device_id }) => device_id === wpc.device);
    const serials = ofDevice.map(({ serial }) => serial);
    assert.equal(serials.length, 2);
    await inModelTransaction(pki.database.store, systemActor, async (change) =>
      revokeDeviceProfiles(change, wpc.device, undefined),
    );
    const { model } = await loadModel(pki.database.store.database);
    assert.ok(model.certificates.every(({ endpoint }) => endpoint.kind === 'connector'));
    const listed = await listRevocations(pki.database.store.database);
    assert.deepEqual(new Set(listed.map(({ serial }) => serial)), new Set(serials));
  });

  it('refuses an unknown endpoint before anything is signed, and an installation without gateway', async () => {
    await assert.rejects(
      issueConnectorProfile(pki.deps, systemActor, unknownConnector),
      (error) => error instanceof CausewayError && error.code === 'not-found' && /not found/.test(error.message),
    );
    await using other = await testPki();
    const lonely = await makeSmallWpc(other.database.store);
    await inModelTransaction(other.database.store, systemActor, async ({ trx, record }) => {
      await trx.deleteFrom('gateway').execute();
      record({ entity: 'gateway', entityId: lonely.gateway, action: 'deleted' });
    });
    await assert.rejects(
      issueDeviceProfile(other.deps, systemActor, lonely.device),
      (error) => error instanceof CausewayError && error.code === 'conflict' && /There is no gateway/.test(error.message),
    );
  });

  it('gives an agent the same profile until something changes, and the same certificate for the same key', async () => {
    const key = await newPrivateKey();
    const request = certificateRequest(key);
    const enrol = async (): Promise<string> => {
      const signed = await signAgentCertificate(pki.deps, wpc.connector, request);
      await inModelTransaction(pki.database.store, systemActor, (change) => keepAgentCertificate(change, wpc.connector, signed));
      return signed.serial;
    };
    const serial = await enrol();
    assert.equal(await enrol(), serial);
    const first = await agentProfile(pki.deps, pki.database.store.database, wpc.connector);
    const second = await agentProfile(pki.deps, pki.database.store.database, wpc.connector);
    assert.equal(first, second);
    assert.doesNotMatch(first, /<key>|PRIVATE KEY/);
    assert.equal(certificateIn(first).serial, serial);
    // The agent adds its own key; with it the profile is complete.
    const complete = `${first}<key>\n${privateKeyPem(key)}</key>\n`.replace(/^remote .* udp$/m, `remote 127.0.0.1 ${port} udp`);
    const result = await tryHandshake(await gatewayIdentity(), complete, port);
    assert.ok(result.connected, result.clientLog);
  });

  it('refuses an agent whose request is no request or has a foreign key type', async () => {
    await assert.rejects(
      signAgentCertificate(pki.deps, wpc.connector, 'hello'),
      (error) => error instanceof CausewayError && error.code === 'invalid-input' && /PKCS#10/.test(error.message),
    );
    await assert.rejects(
      agentProfile(pki.deps, pki.database.store.database, unknownConnector),
      (error) => error instanceof CausewayError && error.code === 'not-found',
    );
  });

  it('encrypts a profile as openvpn-connector-setup decrypts it', async () => {
    const profile = 'client\n# ünïcode\n'.repeat(100);
    const first = await encryptProfile(profile);
    assert.equal(await decryptLikeTheTool(first.token, first.blob), profile);
    const second = await encryptProfile(profile);
    assert.notEqual(first.blob.slice(0, 40), second.blob.slice(0, 40));
    const tampered = Buffer.from(first.blob, 'base64');
    tampered[40] = (tampered[40] ?? 0) ^ 1;
    await assert.rejects(decryptLikeTheTool(first.token, tampered.toString('base64')), { name: 'OperationError' });
  });

  it('keeps an encrypted profile under its reference for a while, and of the reference only the hash', async () => {
    const token = await issueEncryptedProfile(pki.deps, systemActor, wpc.connector);
    const reference = token.slice(-40);
    assert.match(reference, /^[0-9a-f]{40}$/);
    const blob = await readEncryptedProfile(pki.database.store.database, reference);
    assert.match(await decryptLikeTheTool(token, blob), /^setenv FRIENDLY_NAME "HQ Network - hq-1"\nclient\n/);
    assert.ok(!JSON.stringify(await dump('encrypted_profile')).includes(reference));
    await assert.rejects(
      readEncryptedProfile(pki.database.store.database, '0'.repeat(40)),
      (error) => error instanceof CausewayError && error.code === 'not-found' && !error.message.includes('00000'),
    );
    await pki.database.store.database
      .updateTable('encrypted_profile')
      .set({ expires_at: new Date(0) })
      .execute();
    await assert.rejects(readEncryptedProfile(pki.database.store.database, reference), CausewayError);
  });

  it('says that the signer is away and changes nothing', async () => {
    const before = await certificates();
    await pki.signer.kill();
    try {
      await assert.rejects(
        issueDeviceProfile(impatient(pki), systemActor, wpc.device),
        (error) => error instanceof SignerError && error.code === 'unavailable',
      );
      assert.deepEqual(await certificates(), before);
    } finally {
      await pki.signer.start();
    }
  });

  async function dump(table: string): Promise<unknown> {
    const { database } = pki.database.store;
    switch (table) {
      case 'certificate':
        return database.selectFrom('certificate').selectAll().execute();
      case 'event':
        return database.selectFrom('event').selectAll().execute();
      case 'audit':
        return database.selectFrom('audit').selectAll().execute();
      case 'secret':
        return database.selectFrom('secret').selectAll().execute();
      default:
        return database.selectFrom('encrypted_profile').selectAll().execute();
    }
  }
});

/** The same controller with a client that gives up soon, so that the test does not wait for the real patience. */
function impatient(pki: TestPki) {
  return { ...pki.deps, signer: new SignerClient(pki.signer.socketPath, { patienceMs: 200 }) };
}

function certificateIn(profile: string): { readonly pem: string; readonly serial: string } {
  const pem = /<cert>\n([^<]*)<\/cert>/.exec(profile)?.[1] ?? '';
  return { pem, serial: new X509Certificate(pem).serialNumber.toLowerCase() };
}

function keyIn(profile: string): string {
  return /<key>\n([^<]*)<\/key>/.exec(profile)?.[1] ?? '';
}

/**
 * An implementation of api.md 8.3 from its text, by WebCrypto, which shares no code of ours with the encryption. One in Python (hashlib,
 * GCM by hand) agreed with it when this was written; the tests do not need Python for it.
 */
async function decryptLikeTheTool(token: string, blob: string): Promise<string> {
  const { subtle } = globalThis.crypto;
  const password = Buffer.from(token.slice(0, -40), 'base64');
  const data = Buffer.from(blob, 'base64');
  const base = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt: data.subarray(0, 32), iterations: 25_000 };
  const material = Buffer.from(await subtle.deriveBits(derivation, base, 44 * 8));
  const key = await subtle.importKey('raw', material.subarray(0, 32), 'AES-GCM', false, ['decrypt']);
  const opened = await subtle.decrypt({ name: 'AES-GCM', iv: material.subarray(32), tagLength: 128 }, key, data.subarray(32));
  return Buffer.from(opened).toString('utf8');
}
