import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { installCommand } from '../domain/install-tokens.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call, everything, refusal, urlOf } from './test-api.ts';

const pin = `sha256//${'A+/'.repeat(14)}A=`;
let controller: TestController;
let connectors: string[] = [];
before(async () => {
  controller = await testController({
    installation: { hostname: 'vpn.example.com', listenPort: 8443, vpnPort: 1194, version: '0', portalPin: pin },
  });
  const network = await call(controller, networkRoutes.create, { body: { name: 'n', connectors: [{ name: 'c' }] } });
  const host = await call(controller, hostRoutes.create, { body: { name: 'h', connectors: [{ name: 'c' }] } });
  connectors = [...network.connectors, ...host.connectors].map(({ id }) => id);
});
after(async () => {
  await controller.close();
});

test('a token for network and host connectors lasts 24 hours, and only its hash is kept', async () => {
  for (const id of connectors) {
    const { token, expiresAt, installCommand: line } = await call(controller, installTokenRoutes.create, { id });
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 24 * 3_600_000) < 60_000);
    assert.equal(
      line,
      `curl -fsSLk --pinnedpubkey '${pin}' 'https://vpn.example.com:8443/connector/install.sh' | sh -s -- ${token}`,
    );
    assert.ok(!`${await everything(controller)}${controller.logged()}`.includes(token));
  }
});

test('each call gives another token', async () => {
  const tokens = await Promise.all(
    connectors.map(async (id) => (await call(controller, installTokenRoutes.create, { id })).token),
  );
  assert.equal(new Set(tokens).size, tokens.length);
});

test('a Host header does not reach the line', async () => {
  const authorization = `Bearer ${await controller.tokenWith(['all:modify'])}`;
  const url = urlOf(installTokenRoutes.create, { id: connectors[0] ?? '' });
  const answer = await controller.app.inject({
    method: 'POST',
    url,
    headers: { authorization, host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  });
  assert.equal(answer.statusCode, 200);
  assert.ok(!answer.body.includes('evil'));
});

test('a connector of a host needs the permission for hosts as well', async () => {
  const ask = async (id: string, ...permissions: Parameters<TestController['tokenWith']>[0]) => {
    const authorization = `Bearer ${await controller.tokenWith(permissions)}`;
    return (
      await controller.app.inject({ method: 'POST', url: urlOf(installTokenRoutes.create, { id }), headers: { authorization } })
    ).statusCode;
  };
  const [ofNetwork = '', ofHost = ''] = connectors;
  assert.equal(await ask(ofNetwork, 'network:modify'), 200);
  assert.equal(await ask(ofNetwork, 'network:read'), 403);
  assert.equal(await ask(ofHost, 'network:modify'), 403);
  assert.equal(await ask(ofHost, 'network:modify', 'host:modify'), 200);
});

test('for a connector that does not exist there is none', async () => {
  assert.equal((await refusal(controller, installTokenRoutes.create, { id: 'nothing' })).status, 404);
});

test('the line is what a shell reads: with a trusted certificate, on the default port, for an IPv6 address', () => {
  const line = (hostname: string, listenPort: number, portalPin?: string) =>
    installCommand({ hostname, listenPort, vpnPort: 1, version: '0', ...(portalPin === undefined ? {} : { portalPin }) }, 'ab12');
  assert.equal(line('vpn.example.com', 443), "curl -fsSL 'https://vpn.example.com/connector/install.sh' | sh -s -- ab12");
  assert.match(line('fd00::1', 443), /'https:\/\/\[fd00::1\]\/connector\/install\.sh'/);
  const words = execFileSync('sh', ['-c', line('h', 8443, pin).replace('curl', 'printf "%s\\n"').replace('| sh', '#')], {
    encoding: 'utf8',
  });
  assert.deepEqual(words.trim().split('\n'), ['-fsSLk', '--pinnedpubkey', pin, 'https://h:8443/connector/install.sh']);
});
