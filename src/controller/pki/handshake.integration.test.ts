import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderProfile } from '../../core/profile.ts';
import type { Authority } from '../signer/authority.ts';
import { openAuthority } from '../signer/authority.ts';
import { issueCertificate } from '../signer/issue-certificate.ts';
import type { CertificateKind } from '../signer/protocol.ts';
import type { GatewayIdentity, Handshake } from './test-handshake.ts';
import { freeUdpPort, tryHandshake } from './test-handshake.ts';
import { certificateRequest } from './certificate-request.ts';
import { newPrivateKey, privateKeyPem } from './key-pair.ts';
import type { TlsCryptV2ServerKey } from './tls-crypt-v2.ts';
import { clientKeyPem, newServerKey, serverKeyPem } from './tls-crypt-v2.ts';

const day = 86_400;

describe('a stock openvpn with our certificates and keys', () => {
  const directories: string[] = [];
  let authority: Authority;
  let foreignAuthority: Authority;
  let serverKey: TlsCryptV2ServerKey;

  before(async () => {
    authority = await newAuthority();
    foreignAuthority = await newAuthority();
    serverKey = newServerKey();
  });
  after(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));

  async function newAuthority(): Promise<Authority> {
    const directory = await mkdtemp(join(tmpdir(), `cw-handshake-ca-${process.pid}-`));
    directories.push(directory);
    return openAuthority(directory, new Date());
  }

  async function issue(kind: CertificateKind, by: Authority, at: Date) {
    const key = await newPrivateKey();
    const order = { kind, certificateRequest: certificateRequest(key), lifetimeSeconds: day };
    return { ...(await issueCertificate(by, order, at)), key: privateKeyPem(key) };
  }

  async function gateway(by: Authority = authority, kind: CertificateKind = 'gateway'): Promise<GatewayIdentity> {
    const { certificate, key } = await issue(kind, by, new Date());
    return { ca: authority.certificatePem, certificate, key, tlsCryptV2ServerKey: serverKeyPem(serverKey) };
  }

  type Client = { kind?: CertificateKind; by?: Authority; at?: Date; wrappedFor?: TlsCryptV2ServerKey; label?: string };

  async function connect(identity: GatewayIdentity, client: Client = {}): Promise<Handshake> {
    const issued = await issue(client.kind ?? 'device', client.by ?? authority, client.at ?? new Date());
    const port = await freeUdpPort();
    const profile = renderProfile({
      label: client.label ?? 'Bob laptop',
      remotes: [
        { host: '127.0.0.1', port, protocol: 'udp' },
        { host: '127.0.0.1', port, protocol: 'tcp' },
      ],
      ca: authority.certificatePem,
      certificate: issued.certificate,
      key: issued.key,
      tlsCryptV2: clientKeyPem(client.wrappedFor ?? serverKey, issued.serial, issued.notBefore),
    });
    return tryHandshake(identity, profile, port);
  }

  for (const kind of ['device', 'connector'] as const) {
    it(`accepts a ${kind}`, async () => {
      const result = await connect(await gateway(), { kind });
      assert.ok(result.connected, result.clientLog);
      assert.match(result.clientLog, /VERIFY KU OK[^]*VERIFY EKU OK[^]*VERIFY X509NAME OK: CN=causeway-gateway/);
      assert.match(result.serverLog, /VERIFY OK: depth=0, CN=[0-9a-f]{32}\n/);
    });
  }

  it('accepts a profile whose label is hostile', async () => {
    const result = await connect(await gateway(), { label: `</ca>\n"up '/bin/sh -c id'" $(reboot) \\ # ; ${'😀'.repeat(200)}` });
    assert.ok(result.connected, result.clientLog);
  });

  const refusedByServer: readonly (readonly [string, () => Promise<Client>, RegExp])[] = [
    ['of another CA', async () => ({ by: foreignAuthority }), /VERIFY ERROR: depth=0, error=(unable|self)/],
    [
      'that has expired',
      async () => ({ at: new Date(Date.now() - 2 * day * 1000) }),
      /VERIFY ERROR: depth=0, error=certificate has expired/,
    ],
    ['that is not valid yet', async () => ({ at: new Date(Date.now() + 2 * day * 1000) }), /error=certificate is not yet valid/],
    ['made for a server', async () => ({ kind: 'portal' }), /VERIFY EKU ERROR|unsuitable certificate purpose/],
  ];
  for (const [what, client, reason] of refusedByServer) {
    it(`refuses a client certificate ${what}`, async () => {
      const result = await connect(await gateway(), await client());
      assert.equal(result.connected, false);
      assert.match(result.serverLog, reason);
    });
  }

  it('refuses a tls-crypt-v2 key of another region group', async () => {
    const result = await connect(await gateway(), { wrappedFor: newServerKey() });
    assert.equal(result.connected, false);
    assert.match(result.serverLog, /client key authentication error/);
  });

  const refusedByClient: readonly (readonly [string, () => Promise<GatewayIdentity>, RegExp])[] = [
    ['of another CA', () => gateway(foreignAuthority), /VERIFY ERROR/],
    [
      'with the name of the portal',
      () => gateway(authority, 'portal'),
      /VERIFY X509NAME ERROR: CN=causeway-portal, must be causeway-gateway/,
    ],
    ['of another endpoint', () => gateway(authority, 'device'), /VERIFY (X509NAME|EKU) ERROR|unsuitable certificate purpose/],
  ];
  for (const [what, identity, reason] of refusedByClient) {
    it(`lets the client refuse a gateway certificate ${what}`, async () => {
      const result = await connect(await identity());
      assert.equal(result.connected, false);
      assert.match(result.clientLog, reason);
    });
  }
});
