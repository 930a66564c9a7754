import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile } from './compile.ts';
import { exampleGateway, exampleId, exampleSerial, exampleWpc } from './example-wpc.ts';
import type { ConnectorId, DeviceId, EndpointId, RegionId } from './ids.ts';
import type { AddressText } from './ip/address.ts';

const model = exampleWpc({ networks: 2, devices: 1, revision: 7 });
const hq: EndpointId = `connector:${exampleId(2, 0) as ConnectorId}`;
const branch: EndpointId = `connector:${exampleId(2, 1) as ConnectorId}`;
const local = { kind: 'local' };
const bob: EndpointId = `device:${exampleId(5, 0) as DeviceId}`;

describe("compile gives the tutorial's WPC", () => {
  const configuration = compile(model, exampleGateway);

  test('the whole configuration', () => {
    assert.deepEqual(configuration, {
      revision: 7,
      gateway: {
        id: exampleGateway.id,
        address: '100.96.0.1',
        tunnelRanges: ['100.96.0.0/11'],
        publicAddresses: ['203.0.113.1'],
        dnsServers: [],
      },
      lanes: {
        u0: { kind: 'user', protocol: 'udp', port: 1194 },
        u1: { kind: 'user', protocol: 'udp', port: 1195 },
        t0: { kind: 'shared', protocol: 'tcp', port: 1194 },
        h0: { kind: 'handover', protocol: 'udp', port: 1209 },
        c0: { kind: 'connector', protocol: 'udp', port: 1210, owner: exampleId(2, 0) },
        c1: { kind: 'connector', protocol: 'udp', port: 1211, owner: exampleId(2, 1) },
      },
      endpoints: {
        [hq]: {
          kind: 'connector',
          name: 'hq-0',
          address: '100.96.0.100',
          admission: 'admitted',
          lane: 'c0',
          network: exampleId(1, 0),
          internet: local,
          draining: false,
          probeTargets: [],
        },
        [branch]: {
          kind: 'connector',
          name: 'hq-1',
          address: '100.96.0.101',
          admission: 'admitted',
          lane: 'c1',
          network: exampleId(1, 1),
          internet: local,
          draining: false,
          probeTargets: [],
        },
        [bob]: {
          kind: 'device',
          name: 'device 0',
          address: '100.96.16.1',
          admission: 'admitted',
          lane: 'u0',
          internet: local,
          authentication: { kind: 'none' },
          machine: { kind: 'none' },
        },
      },
      certificates: { [exampleSerial(0)]: hq, [exampleSerial(1)]: branch, [exampleSerial(100_000)]: bob },
      prefixes: {
        '10.0.0.0/18': { network: exampleId(1, 0) },
        '192.168.0.0/22': { network: exampleId(1, 1) },
      },
      networks: {
        [exampleId(1, 0)]: { name: 'HQ Network', connectors: [hq], sharing: true, egress: false, internet: local },
        [exampleId(1, 1)]: { name: 'Branch Network', connectors: [branch], sharing: true, egress: false, internet: local },
      },
      egress: {},
    });
  });

  test('is plain JSON: what is written to disk and sent is what was compiled', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(configuration)), configuration);
  });
});

test('a suspended user has suspended devices; the devices stay known', () => {
  const suspended = { ...model, users: model.users.map((user) => ({ ...user, suspended: true })) };
  assert.equal(compile(suspended, exampleGateway).endpoints[bob]?.admission, 'suspended');
});

test('a device is told with what its group demands of people, and until when it need not be asked', () => {
  const [device, group] = [model.devices[0], model.userGroups[0]];
  assert.ok(device !== undefined && group !== undefined);
  const told = (connectAuth: 'ON_PRIOR_AUTH' | 'EVERY_TIME') => {
    const devices = [{ ...device, authenticatedAt: 5_000 }];
    const endpoint = compile({ ...model, userGroups: [{ ...group, connectAuth }], devices }, exampleGateway).endpoints[bob];
    return endpoint?.kind === 'device' ? endpoint.authentication : null;
  };
  assert.deepEqual(told('ON_PRIOR_AUTH'), { kind: 'prior', until: 43_205_000 });
  assert.deepEqual(told('EVERY_TIME'), { kind: 'every-time' });
});

test('a suspended connector serves no network; the prefixes stay known', () => {
  const suspended = { ...model, connectors: model.connectors.map((connector) => ({ ...connector, suspended: true })) };
  const { prefixes, networks, endpoints } = compile(suspended, exampleGateway);
  assert.deepEqual(
    Object.values(networks).map(({ connectors }) => connectors),
    [[], []],
  );
  assert.deepEqual(Object.keys(prefixes), ['10.0.0.0/18', '192.168.0.0/22']);
  assert.equal(endpoints[hq]?.admission, 'suspended');
});

test('a connector that found no lane has none, and no lane is made for it', () => {
  const { lanes, endpoints } = compile(model, { ...exampleGateway, connectorLanes: 1 });
  assert.deepEqual(Object.keys(lanes), ['u0', 'u1', 't0', 'h0', 'c0']);
  const unlucky = endpoints[branch];
  assert.equal(unlucky?.kind === 'connector' ? unlucky.lane : 'not a connector', null);
});

test('a gateway is not told of connectors and their certificates in regions that it does not serve', () => {
  const elsewhere = compile(model, { ...exampleGateway, regions: ['us-east-1' as RegionId] });
  assert.deepEqual(Object.keys(elsewhere.endpoints), [bob]);
  assert.deepEqual(Object.values(elsewhere.certificates), [bob]);
  assert.deepEqual(Object.keys(elsewhere.prefixes), ['10.0.0.0/18', '192.168.0.0/22']);
});

test("a network shares its flows only where NAT makes it safe, and probes go where the operator says, else to the LAN's router", () => {
  const router = '10.0.0.1' as AddressText;
  const named = ['192.168.0.9' as AddressText];
  const routed = {
    ...model,
    networks: model.networks.map((network, index) =>
      index === 0 ? { ...network, nat: 'routed' as const } : { ...network, probeTargets: named },
    ),
    connectors: model.connectors.map((connector) => ({ ...connector, lanRouter: router })),
  };
  const { networks, endpoints } = compile(routed, exampleGateway);
  assert.deepEqual(
    Object.values(networks).map(({ sharing }) => sharing),
    [false, true],
  );
  const targets = (id: EndpointId) => {
    const endpoint = endpoints[id];
    return endpoint?.kind === 'connector' ? endpoint.probeTargets : undefined;
  };
  assert.deepEqual([targets(hq), targets(branch)], [[router], named]);
});
