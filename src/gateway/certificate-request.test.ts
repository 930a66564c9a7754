import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificateRequest } from './certificate-request.ts';

describe('certificateRequest', () => {
  for (const name of ['causeway gateway', 'x'.repeat(64), 'Zürich "1", O=none']) {
    it(`is one that openssl verifies, for ${name}`, () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const request = certificateRequest(privateKey, name);
      const openssl = (...args: readonly string[]) =>
        spawnSync('openssl', ['req', ...args], { input: request, encoding: 'utf8' });
      const verified = openssl('-verify', '-noout', '-subject', '-nameopt', 'utf8,sep_multiline');
      assert.match(verified.stderr, /verify OK/);
      assert.ok(verified.stdout.includes(`CN=${name}`), verified.stdout);
      assert.equal(openssl('-noout', '-pubkey').stdout, createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }));
    });
  }
});
