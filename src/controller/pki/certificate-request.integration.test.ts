import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { toPem } from '../signer/pem.ts';
import { certificateRequest, requestedKey } from './certificate-request.ts';
import { newPrivateKey } from './key-pair.ts';
import { requestKeyHash } from './public-key.ts';

const run = promisify(execFile);
const openssl = async (...args: readonly string[]) => await run('openssl', [...args]);

/** The openssl command is the second opinion, in both directions. */
describe('certificate requests', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cw-request-'));
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

  it('are what openssl verifies, without a subject, for the key', async () => {
    const key = await newPrivateKey();
    const file = join(directory, 'ours.pem');
    await writeFile(file, certificateRequest(key));
    const { stdout, stderr } = await openssl('req', '-in', file, '-verify', '-noout', '-subject', '-pubkey');
    assert.match(`${stdout}${stderr}`, /verify OK/i);
    assert.match(stdout, /subject=\s*$/m);
    assert.ok(stdout.includes(spki(createPublicKey(key)).trim()));
  });

  for (const [name, make] of Object.entries({
    'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    Ed25519: () => generateKeyPairSync('ed25519'),
  })) {
    it(`of openssl with a subject and an ${name} key give that key`, async () => {
      const { privateKey, publicKey } = make();
      const file = join(directory, `${name}.pem`);
      await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const { stdout } = await openssl('req', '-new', '-key', file, '-subj', '/CN=hq "1"', '-addext', 'subjectAltName=DNS:hq');
      const found = requestedKey(stdout);
      assert.ok(found !== undefined);
      assert.equal(spki(found), spki(publicKey));
    });
  }

  it('that are none are refused, whatever stands in them, and never fail otherwise', () => {
    const whole = certificateRequest(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const isRefused = (text: string) => assert.throws(() => requestKeyHash(text), { code: 'invalid-input' });
    for (const text of [
      '',
      'no PEM',
      whole.replaceAll('REQUEST', 'ELSE'),
      `${whole}${whole}`,
      `-----BEGIN CERTIFICATE REQUEST-----${' '.repeat(8_000)}`,
    ]) {
      isRefused(text);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        isRefused(toPem('CERTIFICATE REQUEST', bytes));
      }),
    );
    const der = Buffer.from(whole.split('\n').slice(1, -2).join(''), 'base64');
    for (let length = 0; length < der.length; length += 1) isRefused(toPem('CERTIFICATE REQUEST', der.subarray(0, length)));
  });
});
