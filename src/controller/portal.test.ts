import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import pino from 'pino';
import { Metrics } from './metrics/metrics.ts';
import { SignerClient } from './pki/signer-client.ts';
import { openPortal } from './portal.ts';

test('a given certificate is shown as it is, and no job is declared that would never run', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'cw-'));
  try {
    const [certFile, keyFile] = [path.join(directory, 'crt'), path.join(directory, 'key')];
    await writeFile(certFile, 'the certificate');
    await writeFile(keyFile, 'the key');
    const metrics = new Metrics();
    const portal = await openPortal({
      start: {
        tls: { certFile, keyFile },
        dataDir: directory,
        installation: { number: 0, hostname: 'vpn.example.com', listenPort: 443, vpnPort: 1194, region: 'it-mxp' },
      },
      // Not asked: the certificate is not ours.
      signer: new SignerClient(path.join(directory, 'no-signer')),
      log: pino({ enabled: false }),
      metrics,
    });
    assert.deepEqual([portal.tls(), portal.pin], [{ certificate: 'the certificate', key: 'the key' }, undefined]);
    assert.doesNotMatch(await metrics.text([]), /portal-certificate/);
    await portal.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
