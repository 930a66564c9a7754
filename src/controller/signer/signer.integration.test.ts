import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { isSerial } from '../../core/certificate-names.ts';
import { certificateRequest } from '../pki/certificate-request.ts';
import { newPrivateKey } from '../pki/key-pair.ts';
import { SignerClient } from '../pki/signer-client.ts';
import { SignerError } from '../pki/signer-error.ts';
import { newSerial, openAuthority } from './authority.ts';
import { longestLineBytes } from './protocol.ts';
import type { RunningSigner } from './test-signer.ts';
import { startSigner } from './test-signer.ts';

const run = promisify(execFile);
const day = 86_400;

describe('signer process', () => {
  let signer: RunningSigner;
  let client: SignerClient;
  let scratch: string;

  before(async () => {
    signer = await startSigner();
    client = new SignerClient(signer.socketPath);
    scratch = await mkdtemp(join(tmpdir(), `cw-signer-test-${process.pid}-`));
  });
  after(async () => {
    await client.close();
    await signer.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  const openssl = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run('openssl', args, { cwd: scratch });
    return stdout + stderr;
  };
  const request = async (): Promise<string> => certificateRequest(await newPrivateKey());

  it('makes a root that can sign certificates and lists and nothing else', async () => {
    await writeFile(join(scratch, 'ca.pem'), await client.authority());
    const text = await openssl('x509', '-in', 'ca.pem', '-noout', '-text');
    assert.match(text, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    assert.match(text, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    assert.match(text, /NIST CURVE: P-256/);
    assert.match(text, /Subject: CN = Causeway CA [0-9a-f]{8}\n/);
  });

  it('keeps the key to itself', async () => {
    assert.equal((await stat(join(signer.directory, 'ca.key'))).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(signer.directory)).sort(), ['ca.crt', 'ca.key', 'sock']);
    assert.match(await readFile(join(signer.directory, 'ca.key'), 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
  });

  for (const kind of ['connector', 'device'] as const) {
    it(`signs a ${kind} certificate whose name is its serial`, async () => {
      const before = Date.now();
      const issued = await client.sign({ kind, certificateRequest: await request(), lifetimeSeconds: 90 * day });
      await writeFile(join(scratch, 'ca.pem'), await client.authority());
      await writeFile(join(scratch, `${kind}.pem`), issued.certificate);
      assert.match(await openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', '-x509_strict', `${kind}.pem`), /: OK/);
      await assert.rejects(openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslserver', `${kind}.pem`));
      const text = await openssl('x509', '-in', `${kind}.pem`, '-noout', '-text');
      assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
      assert.match(text, /X509v3 Extended Key Usage: \s+TLS Web Client Authentication\n/);
      assert.match(text, /CA:FALSE/);
      const certificate = new X509Certificate(issued.certificate);
      assert.equal(certificate.subject, `CN=${issued.serial}`);
      assert.equal(certificate.serialNumber.toLowerCase(), issued.serial);
      assert.ok(isSerial(issued.serial));
      assert.equal(Date.parse(certificate.validTo), issued.notAfter.getTime());
      assert.equal(Date.parse(certificate.validFrom), issued.notBefore.getTime());
      const lifetime = issued.notAfter.getTime() - before;
      assert.ok(lifetime > (90 * day - 2) * 1000 && lifetime < (90 * day + 60) * 1000, `lives ${lifetime} ms`);
    });
  }

  it('gives gateway and portal fixed names and the server purpose', async () => {
    const gateway = await client.sign({ kind: 'gateway', certificateRequest: await request(), lifetimeSeconds: day });
    assert.equal(new X509Certificate(gateway.certificate).subject, 'CN=causeway-gateway');
    for (const [hostName, expected] of [
      ['vpn.example.com', 'DNS:vpn.example.com'],
      ['192.0.2.7', 'IP Address:192.0.2.7'],
      ['2001:db8::7', 'IP Address:2001:DB8:0:0:0:0:0:7'],
    ] as const) {
      const portal = await client.sign({ kind: 'portal', certificateRequest: await request(), lifetimeSeconds: day, hostName });
      const certificate = new X509Certificate(portal.certificate);
      assert.equal(certificate.subject, 'CN=causeway-portal');
      assert.equal(certificate.subjectAltName, expected);
      assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    }
  });

  const refusals: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      'a lifetime over the maximum',
      async () => client.sign({ kind: 'device', certificateRequest: await request(), lifetimeSeconds: 1097 * day }),
      /lifetimeSeconds 94780800 of a device certificate: at most 94694400/,
    ],
    [
      'a request signed by another key',
      async () =>
        client.sign({
          kind: 'device',
          certificateRequest: swapSignature(await request(), await request()),
          lifetimeSeconds: day,
        }),
      /signature of certificateRequest is wrong/,
    ],
    [
      'an RSA key',
      async () => client.sign({ kind: 'device', certificateRequest: await opensslRequest('rsa:2048'), lifetimeSeconds: day }),
      /ECDSA key on P-256 or P-384/,
    ],
    [
      'an Ed25519 key',
      async () => client.sign({ kind: 'device', certificateRequest: await opensslRequest('ed25519'), lifetimeSeconds: day }),
      /ECDSA key on P-256 or P-384/,
    ],
    [
      'text that is no request',
      async () => client.sign({ kind: 'device', certificateRequest: 'hello', lifetimeSeconds: day }),
      /is not PEM that begins with/,
    ],
    [
      'a request cut in half',
      async () => client.sign({ kind: 'device', certificateRequest: (await request()).slice(0, 200), lifetimeSeconds: day }),
      /not a valid PKCS#10 request/,
    ],
    [
      'a wildcard host name',
      async () =>
        client.sign({ kind: 'portal', certificateRequest: await request(), lifetimeSeconds: day, hostName: '*.example.com' }),
      /no wildcard/,
    ],
    ['a revocation list for a month', async () => client.signRevocationList([], 30 * day), /revocation list: at most 604800/],
  ];
  for (const [what, attempt, reason] of refusals) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        attempt(),
        (error) => error instanceof SignerError && error.reason === 'refused' && reason.test(error.message),
      );
    });
  }

  it('accepts a P-384 key of an agent that made it with openssl', async () => {
    const issued = await client.sign({
      kind: 'connector',
      certificateRequest: await opensslRequest('ec:P-384'),
      lifetimeSeconds: day,
    });
    assert.equal(new X509Certificate(issued.certificate).publicKey.asymmetricKeyDetails?.namedCurve, 'secp384r1');
  });

  it('ignores names and extensions that the request asks for', async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'greedy.key'];
    const wishes = [
      '-subj',
      '/CN=causeway-gateway',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'extendedKeyUsage=serverAuth',
    ];
    await openssl('req', '-new', ...key, ...wishes, '-out', 'greedy.csr');
    const greedy = await readFile(join(scratch, 'greedy.csr'), 'utf8');
    const issued = await client.sign({ kind: 'device', certificateRequest: greedy, lifetimeSeconds: day });
    const certificate = new X509Certificate(issued.certificate);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.subject, `CN=${issued.serial}`);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  });

  it('signs revocation lists that openssl obeys', async () => {
    const revoked = await client.sign({ kind: 'device', certificateRequest: await request(), lifetimeSeconds: day });
    const good = await client.sign({ kind: 'device', certificateRequest: await request(), lifetimeSeconds: day });
    const filler = Array.from({ length: 2000 }, () => ({ serial: newSerial(), revokedAt: new Date('2051-01-02T03:04:05Z') }));
    const list = await client.signRevocationList([...filler, { serial: revoked.serial, revokedAt: new Date() }], day);
    await writeFile(join(scratch, 'crl.pem'), list);
    await writeFile(join(scratch, 'ca.pem'), await client.authority());
    await writeFile(join(scratch, 'revoked.pem'), revoked.certificate);
    await writeFile(join(scratch, 'good.pem'), good.certificate);
    const check = ['verify', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', 'crl.pem'];
    assert.match(await openssl(...check, 'good.pem'), /: OK/);
    await assert.rejects(openssl(...check, 'revoked.pem'), /certificate revoked/);
    const text = await openssl('crl', '-in', 'crl.pem', '-noout', '-text');
    assert.equal(text.match(/Serial Number: /g)?.length, 2001);
    assert.match(text, /Jan {2}2 03:04:05 2051 GMT/);
    await writeFile(join(scratch, 'empty.pem'), await client.signRevocationList([], day));
    assert.match(
      await openssl('crl', '-in', 'empty.pem', '-noout', '-text', '-CAfile', 'ca.pem'),
      /No Revoked Certificates[^]*verify OK/,
    );
  });

  it('answers the client again after it was killed, with the same CA', async () => {
    const certificate = await client.authority();
    await signer.kill();
    const waiting = client.sign({ kind: 'device', certificateRequest: await request(), lifetimeSeconds: day });
    await signer.start();
    const issued = await waiting;
    assert.ok(new X509Certificate(issued.certificate).verify(new X509Certificate(certificate).publicKey));
  });

  it('tells when it is away for too long', async () => {
    const impatient = new SignerClient(join(scratch, 'nobody.sock'), { patienceMs: 150 });
    await assert.rejects(impatient.authority(), (error) => error instanceof SignerError && error.reason === 'unavailable');
    await impatient.close();
  });

  it('answers what is no request with an error and goes on', async () => {
    const answers = await exchange(
      signer.socketPath,
      ['hello', '{"id":7,"kind":"take-over"}', '{"id":8,"kind":"authority","extra":1}', '{"id":9,"kind":"authority"}'],
      4,
    );
    assert.deepEqual(
      answers.map((answer) => (typeof answer === 'object' && answer !== null && 'kind' in answer ? answer.kind : answer)),
      ['error', 'error', 'error', 'authority'],
    );
  });

  it('drops a connection that sends an endless line', async () => {
    const socket = connect(signer.socketPath);
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const chunk = Buffer.alloc(1024 * 1024, 0x61);
    for (let sent = 0; sent <= longestLineBytes; sent += chunk.length) socket.write(chunk);
    await closed;
    assert.match(await client.authority(), /BEGIN CERTIFICATE/);
  });

  async function opensslRequest(key: 'rsa:2048' | 'ed25519' | 'ec:P-384'): Promise<string> {
    const options = key === 'ec:P-384' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] : ['-newkey', key];
    await openssl('req', '-new', ...options, '-nodes', '-keyout', 'other.key', '-subj', '/CN=x', '-out', 'other.csr');
    return readFile(join(scratch, 'other.csr'), 'utf8');
  }
});

describe('opening the authority', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), `cw-authority-${process.pid}-`));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('completes a first start that was cut off after the key', async () => {
    const first = await openAuthority(directory, new Date());
    await rm(join(directory, 'ca.crt'));
    const second = await openAuthority(directory, new Date());
    assert.deepEqual(second.keyIdentifier, first.keyIdentifier);
    assert.equal((await openAuthority(directory, new Date())).certificatePem, second.certificatePem);
  });

  it('refuses a key that others can read, a foreign key, and a certificate without key', async () => {
    await chmod(join(directory, 'ca.key'), 0o640);
    await assert.rejects(openAuthority(directory, new Date()), /can be read by others \(mode 640\)/);
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    await rm(join(directory, 'ca.key'));
    await assert.rejects(openAuthority(directory, new Date()), /ca\.key is missing/);
    await writeFile(join(directory, 'ca.key'), foreign, { mode: 0o600 });
    await assert.rejects(openAuthority(directory, new Date()), /does not belong to the key beside it/);
  });

  it('makes two installations that share nothing', async () => {
    const other = await mkdtemp(join(tmpdir(), `cw-authority-${process.pid}-`));
    try {
      await rm(join(directory, 'ca.key'), { force: true });
      await rm(join(directory, 'ca.crt'), { force: true });
      const [a, b] = [await openAuthority(directory, new Date()), await openAuthority(other, new Date())];
      assert.notDeepEqual(a.keyIdentifier, b.keyIdentifier);
      assert.notEqual(a.certificate.subject, b.certificate.subject);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });
});

/** The body of one request with the signature of another: what a forger without the key could send. */
function swapSignature(body: string, signature: string): string {
  const [a, b] = [der(body), der(signature)];
  const swapped = Buffer.from(a);
  // Both end in the 64 to 72 bytes of their ECDSA signature; the last 30 are inside it.
  b.copy(swapped, a.length - 30, b.length - 30);
  const lines = swapped.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

function der(pem: string): Buffer {
  return Buffer.from(
    pem
      .split('\n')
      .filter((line) => !line.startsWith('-'))
      .join(''),
    'base64',
  );
}

function exchange(path: string, lines: readonly string[], answers: number): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const complete = text.split('\n').slice(0, -1);
      if (complete.length < answers) return;
      socket.destroy();
      resolve(complete.map((line): unknown => JSON.parse(line)));
    });
    socket.write(`${lines.join('\n')}\n`);
  });
}
