import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile } from './compile.ts';
import { endpointInternet } from './compile-egress.ts';
import { exampleGateway, exampleId, exampleWpc } from './example-wpc.ts';
import type { ConnectorId, EndpointId, NetworkId, RegionId } from './ids.ts';
import type { InternetAccess } from './internet-access.ts';
import type { AddressText } from './ip/address.ts';
import type { WpcModel } from './model.ts';

const connector = (n: number): EndpointId => `connector:${exampleId(2, n) as ConnectorId}`;
const network = (n: number) => exampleId(1, n) as NetworkId;

/** HQ has no internet gateway; networks 1, 2 and 3 are some. */
const example = exampleWpc({ networks: 4, devices: 1 });
const model: WpcModel = {
  ...example,
  networks: example.networks.map((one, index) => ({ ...one, egress: index > 0 })),
  dnsServers: ['9.9.9.9' as AddressText],
  egressClassNumbers: { all: 1, restricted: 2, [`${network(0)},${network(2)}`]: 3 },
};

function candidates(from: WpcModel, gateway = exampleGateway): Record<string, EndpointId[]> {
  const { egress } = compile(from, gateway);
  return Object.fromEntries(Object.entries(egress).map(([id, one]) => [id, [...one.candidates]]));
}

function withConnector(index: number, changes: Partial<WpcModel['connectors'][number]>): WpcModel {
  return { ...model, connectors: model.connectors.map((one, at) => (at === index ? { ...one, ...changes } : one)) };
}

describe('the egress classes of a gateway', () => {
  test('have the connectors of the internet gateways that are allowed, in order', () => {
    const { egress } = compile(model, exampleGateway);
    assert.deepEqual(egress.e1, {
      destinations: ['0.0.0.0/0'],
      candidates: [1, 2, 3].map(connector),
    });
    assert.deepEqual(candidates(model)['e3'], [connector(2)], 'a network that is none is none although it is named');
  });

  test('of those who are restricted lead to the resolvers and nowhere else', () => {
    assert.deepEqual(compile(model, exampleGateway).egress.e2?.destinations, ['9.9.9.9/32']);
    assert.deepEqual(compile({ ...model, dnsServers: [] }, exampleGateway).egress.e2?.destinations, []);
  });

  test("prefer connectors of the gateway's own region", () => {
    const elsewhere = withConnector(1, { region: 'us-east-1' as RegionId });
    const both = { ...exampleGateway, regions: [...exampleGateway.regions, 'us-east-1' as RegionId] };
    assert.deepEqual(candidates(elsewhere, both)['e1'], [2, 3, 1].map(connector));
  });

  test('leave out who is suspended, who has no lane of its own, and who is elsewhere', () => {
    assert.deepEqual(candidates(withConnector(1, { suspended: true }))['e1'], [2, 3].map(connector));
    assert.deepEqual(candidates(model, { ...exampleGateway, connectorLanes: 2 })['e1'], [connector(1)]);
    assert.deepEqual(candidates(withConnector(1, { region: 'us-east-1' as RegionId }))['e1'], [2, 3].map(connector));
  });

  test('are there although nobody can serve them, so that their sources are refused', () => {
    const none = { ...model, networks: example.networks };
    assert.deepEqual(candidates(none), { e1: [], e2: [], e3: [] });
  });
});

describe('endpointInternet', () => {
  test('names the class by its number and keeps what goes past the tunnel', () => {
    const bypass = ['198.51.100.0/24' as never];
    const off: InternetAccess = { mode: 'SPLIT_TUNNEL_OFF', gateways: [network(2), network(0)], bypass };
    assert.deepEqual(endpointInternet(off, model.egressClassNumbers), { kind: 'tunnel', class: 'e3', bypass });
    assert.deepEqual(endpointInternet({ mode: 'SPLIT_TUNNEL_ON' }, {}), { kind: 'local' });
    assert.deepEqual(endpointInternet(undefined, {}), { kind: 'local' });
  });

  test('refuses a class that has no number', () => {
    const off: InternetAccess = { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: [] };
    assert.throws(() => endpointInternet(off, {}), /no number was given to the egress class all/);
  });
});
