import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startSigner } from '../signer/test-signer.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import type { PortalCertificate } from './portal-certificate.ts';
import { currentPortalCertificate } from './portal-certificate.ts';
import { openSecretsKey } from './secrets-key.ts';
import { SignerClient } from './signer-client.ts';

const run = promisify(execFile);
const day = 86_400_000;

describe('portal certificate', () => {
  let runningSigner: RunningSigner;
  let signer: SignerClient;
  let directory: string;
  const directories: string[] = [];

  before(async () => {
    runningSigner = await startSigner();
    signer = new SignerClient(runningSigner.socketPath);
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), `cw-portal-${process.pid}-`));
    directories.push(directory);
  });
  after(async () => {
    await signer.close();
    await runningSigner.stop();
    await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
  });

  const current = (hostname: string, now = new Date()): Promise<PortalCertificate> =>
    currentPortalCertificate({ signer, directory, hostname, now });

  it('is made once, and stays while it is good', async () => {
    const first = await current('vpn.example.com');
    assert.deepEqual(await current('vpn.example.com'), first);
    assert.equal((await stat(join(directory, 'tls.key'))).mode & 0o777, 0o600);
    assert.equal(await readFile(join(directory, 'tls.crt'), 'utf8'), first.certificate);
  });

  it('is renewed in time, for another name and after damage, with the same key and pin', async () => {
    const first = await current('vpn.example.com');
    const renewed = await current('vpn.example.com', new Date(Date.now() + 61 * day));
    const moved = await current('192.0.2.7');
    assert.ok(new X509Certificate(moved.certificate).checkIP('192.0.2.7'));
    await writeFile(join(directory, 'tls.crt'), 'damaged');
    const mended = await current('192.0.2.7');
    const all = [first, renewed, moved, mended];
    assert.equal(new Set(all.map(({ certificate }) => certificate)).size, 4);
    assert.equal(new Set(all.map(({ pin }) => pin)).size, 1);
    assert.equal(new Set(all.map(({ key }) => key)).size, 1);
  });

  it('satisfies curl by its pin alone, and another pin is refused', async () => {
    const { certificate, key, pin } = await current('127.0.0.1');
    const server = https.createServer({ cert: certificate, key }, (_request, response) => response.end('served'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const url = `https://127.0.0.1:${address.port}/`;
      const { stdout } = await run('curl', ['-sSk', '--pinnedpubkey', pin, url]);
      assert.equal(stdout, 'served');
      const other = `sha256//${Buffer.alloc(32, 7).toString('base64')}`;
      await assert.rejects(run('curl', ['-sSk', '--pinnedpubkey', other, url]), { code: 90 });
      const caFile = join(directory, 'ca.crt');
      await writeFile(caFile, await signer.authority());
      assert.equal((await run('curl', ['-sS', '--cacert', caFile, url])).stdout, 'served');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('keeps the key of the secrets in a file of its own, 0600, the same at each start', async () => {
    const path = join(directory, 'secrets.key');
    const first = await openSecretsKey(path);
    assert.equal(first.length, 32);
    assert.deepEqual(await openSecretsKey(path), first);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await chmod(path, 0o644);
    await assert.rejects(openSecretsKey(path), /can be read by others \(mode 644\)/);
    await rm(path);
    await writeFile(path, 'short\n', { mode: 0o600 });
    await assert.rejects(openSecretsKey(path), /holds no key of 32 bytes/);
  });
});
