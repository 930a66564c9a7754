import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ControllerClient } from './controller-client.ts';
import { GatewayIdentityFiles } from './identity.ts';
import { runCommand } from './kernel/run-command.ts';

const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

test('a key that a power cut has left empty is no key: another one is made, and introduced to the controller', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cw-identity-'));
  const paths: string[] = [];
  const controller = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ certificate: pem, ca: pem, tlsCryptV2ServerKey: pem }));
  });
  try {
    const socketPath = join(directory, 'gateway.sock');
    controller.listen(socketPath);
    await once(controller, 'listening');
    mkdirSync(join(directory, 'identity'));
    const file = join(directory, 'identity', 'key.pem');
    writeFileSync(file, '');
    writeFileSync(join(directory, 'token'), 'token');
    const client = new ControllerClient({ socketPath }, join(directory, 'token'));
    await new GatewayIdentityFiles(directory).fetch(client, runCommand);
    assert.deepEqual(paths, ['/gateway/v1/hello']);
    assert.equal(createPrivateKey(readFileSync(file, 'utf8')).asymmetricKeyType, 'ec');
  } finally {
    controller.closeAllConnections();
    controller.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
