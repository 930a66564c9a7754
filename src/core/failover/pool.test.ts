import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../compile.ts';
import { exampleGateway, exampleWpc } from '../example-wpc.ts';
import type { ConnectorId, EndpointId } from '../ids.ts';
import { poolsOf } from './pool.ts';

const one: EndpointId = `connector:${'1' as ConnectorId}`;
const two: EndpointId = `connector:${'2' as ConnectorId}`;

test('there is a pool for each network and each class, also of one connector and of none', () => {
  const configuration = compile(exampleWpc({ networks: 2, devices: 0, prefixesPerNetwork: 1 }), exampleGateway);
  const networks = Object.keys(configuration.networks);
  const egress = { e1: { candidates: [one, two] }, e2: { candidates: [] } };
  const pools = poolsOf({ ...configuration, egress: egress as unknown as typeof configuration.egress });
  assert.deepEqual(
    pools.map(({ id }) => id),
    [...networks.map((id) => `network:${id}`), 'egress:e1', 'egress:e2'],
  );
  assert.deepEqual(pools.at(-2), { id: 'egress:e1', candidates: [one, two], sharing: false, whenNoneIsHealthy: 'refuse' });
  assert.deepEqual(pools.at(-1)?.candidates, []);
});

test('a network that loses its last healthy connector keeps its routes, and shares where the configuration says so', () => {
  const configuration = compile(exampleWpc({ networks: 1, devices: 0, prefixesPerNetwork: 1 }), exampleGateway);
  for (const sharing of [true, false]) {
    const networks = Object.fromEntries(
      Object.entries(configuration.networks).map(([id, network]) => [id, { ...network, connectors: [two, one], sharing }]),
    );
    const [pool] = poolsOf({ ...configuration, networks, egress: {} });
    assert.deepEqual([pool?.candidates, pool?.sharing, pool?.whenNoneIsHealthy], [[two, one], sharing, 'keep']);
  }
});
