import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { newSerial } from '../signer/authority.ts';
import { asServerKey, clientKeyPem, newServerKey, serverKeyPem } from './tls-crypt-v2.ts';

const run = promisify(execFile);

describe('tls-crypt-v2 keys', () => {
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), `cw-tls-crypt-${process.pid}-`));
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  it('opens with our server key what openvpn wrapped with it', async () => {
    const serverKey = newServerKey();
    await writeFile(join(scratch, 'server.key'), serverKeyPem(serverKey), { mode: 0o600 });
    const metadata = Buffer.from('hello').toString('base64');
    await run('openvpn', ['--tls-crypt-v2', 'server.key', '--genkey', 'tls-crypt-v2-client', 'client.key', metadata], {
      cwd: scratch,
    });
    const opened = unwrap(serverKey, decode(await readFile(join(scratch, 'client.key'), 'utf8')));
    assert.equal(opened.metadata.toString(), '\0hello');
  });

  it('opens our client key with the server key that openvpn made', async () => {
    await run('openvpn', ['--genkey', 'tls-crypt-v2-server', 'made.key'], { cwd: scratch });
    const serverKey = asServerKey(decode(await readFile(join(scratch, 'made.key'), 'utf8')));
    const opened = unwrap(serverKey, decode(clientKeyPem(serverKey, newSerial(), new Date('2026-11-24T12:00:00Z'))));
    assert.equal(opened.metadata[0], 1);
    assert.equal(opened.metadata.readBigUInt64BE(1), 1_795_521_600n);
  });

  it('gives each certificate its own key, the same each time, and others under another server key', () => {
    const serverKey = newServerKey();
    const [serial, other] = [newSerial(), newSerial()];
    const at = new Date();
    const first = clientKeyPem(serverKey, serial, at);
    assert.equal(clientKeyPem(serverKey, serial, at), first);
    const keys = [first, clientKeyPem(serverKey, other, at), clientKeyPem(newServerKey(), serial, at)].map((text) =>
      decode(text).subarray(0, 256).toString('hex'),
    );
    assert.equal(new Set(keys).size, 3);
  });

  it('refuses a server key of another length', () => {
    assert.throws(() => asServerKey(randomBytes(127)), /has 128 bytes, not 127/);
  });
});

/** Line by line: the header itself has dashes. */
function decode(pem: string): Buffer {
  const body = pem.split('\n').filter((line) => !line.startsWith('-----'));
  return Buffer.from(body.join(''), 'base64');
}

/** The server's side of doc/tls-crypt-v2.txt, written from the text. */
function unwrap(serverKey: Uint8Array, client: Buffer): { clientKey: Buffer; metadata: Buffer } {
  const wrapped = client.subarray(256);
  const length = wrapped.readUInt16BE(wrapped.length - 2);
  assert.equal(length, wrapped.length);
  const tag = wrapped.subarray(0, 32);
  const decipher = createDecipheriv('aes-256-ctr', serverKey.subarray(0, 32), tag.subarray(0, 16));
  const plain = Buffer.concat([decipher.update(wrapped.subarray(32, -2)), decipher.final()]);
  const expected = createHmac('sha256', serverKey.subarray(64, 96)).update(wrapped.subarray(-2)).update(plain).digest();
  assert.deepEqual(tag, expected);
  assert.deepEqual(plain.subarray(0, 256), client.subarray(0, 256));
  return { clientKey: plain.subarray(0, 256), metadata: plain.subarray(256) };
}
