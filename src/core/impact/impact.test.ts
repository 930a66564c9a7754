import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assignEgressClasses, egressClassKey } from '../egress-classes.ts';
import { exampleGateway, exampleWpc } from '../example-wpc.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { assignLanes } from '../lanes.ts';
import type { InternetAccess } from '../internet-access.ts';
import type { Network, WpcModel } from '../model.ts';
import type { Impact } from './impact.ts';
import { impactOf, noImpact } from './impact.ts';
import { impactSentences } from './impact-sentences.ts';
import type { LiveTunnel } from './live-ends.ts';

/** Four sites and five people with a device each, all connected; connectors run our agent on lanes of their own. */
const base = withClasses(exampleWpc({ networks: 4, devices: 5 }));
const [hq, branch] = base.networks;
const [bob, ada] = base.users;
const off: InternetAccess = { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: [] };

function everyone(model: WpcModel, runsAgent = true): readonly LiveTunnel[] {
  return model.certificates.map(({ serial, endpoint }) =>
    endpoint.kind === 'device'
      ? { serial, endpoint: `device:${endpoint.id}`, lane: 'u0', runsAgent: false }
      : {
          serial,
          endpoint: `connector:${endpoint.id}`,
          lane: `c${String(model.laneAssignment[endpoint.id])}` as 'c0',
          runsAgent,
        },
  );
}

/** As a transaction of the controller leaves a model. */
function withClasses(model: WpcModel): WpcModel {
  const keys = [...model.userGroups, ...model.networks, ...model.hosts].flatMap(({ internet }) => egressClassKey(internet) ?? []);
  return {
    ...model,
    laneAssignment: assignLanes(model.laneAssignment, model.connectors, exampleGateway.connectorLanes),
    egressClassNumbers: assignEgressClasses(model.egressClassNumbers, keys.toSorted()),
  };
}

function withNetwork(model: WpcModel, id: string | undefined, change: Partial<Network>): WpcModel {
  return withClasses({ ...model, networks: model.networks.map((each) => (each.id === id ? { ...each, ...change } : each)) });
}

function withoutNetwork(model: WpcModel, id: string | undefined): WpcModel {
  const gone = new Set<string>(model.connectors.filter(({ site }) => site.id === id).map((each) => each.id));
  return withClasses({
    ...model,
    networks: model.networks.filter((each) => each.id !== id),
    connectors: model.connectors.filter((each) => !gone.has(each.id)),
    certificates: model.certificates.filter(({ endpoint }) => !gone.has(endpoint.id)),
  });
}

function withGroup(model: WpcModel, change: Partial<WpcModel['userGroups'][number]>): WpcModel {
  return withClasses({ ...model, userGroups: model.userGroups.map((each) => ({ ...each, ...change })) });
}

function withoutUser(model: WpcModel, id: string | undefined): WpcModel {
  const gone = new Set<string>(model.devices.filter(({ user }) => user === id).map((each) => each.id));
  return {
    ...model,
    users: model.users.filter((each) => each.id !== id),
    devices: model.devices.filter((each) => !gone.has(each.id)),
    certificates: model.certificates.filter(({ endpoint }) => !gone.has(endpoint.id)),
  };
}

function asked(before: WpcModel, after: WpcModel, tunnels = everyone(before)): Impact {
  return impactOf({ before, after, site: exampleGateway, tunnels, gatewayAddresses: [], now: 0 });
}

type Case = {
  readonly name: string;
  readonly before?: WpcModel;
  readonly after: (model: WpcModel) => WpcModel;
  readonly tunnels?: (model: WpcModel) => readonly LiveTunnel[];
  readonly says: readonly string[];
};

const quiet = ['0 connections will be reset.', 'No router needs a new route.'];
const gateway = withNetwork(withGroup(base, { internet: off }), hq?.id, { egress: true });
const twoGateways = withNetwork(gateway, branch?.id, { egress: true });
const routed = withNetwork(base, hq?.id, { nat: 'routed' });

const cases: readonly Case[] = [
  { name: 'a name', after: (model) => withNetwork(model, hq?.id, { name: 'Head Office' }), says: quiet },
  {
    name: 'a prefix more: stock clients with split tunnel on have to learn it, our agents do not',
    after: (model) => withNetwork(model, hq?.id, { prefixes: ['10.0.0.0/18', '10.77.0.0/16'] as PrefixText[] }),
    says: [
      '3 connectors and 5 people gain access to 10.77.0.0/16 at once.',
      '5 connections will be reset, and are back after one to three seconds: 5 people.',
      '3 routers need a new route to 10.77.0.0/16: Branch Network, Network 2 and Network 3.',
    ],
  },
  {
    name: 'a prefix more while everything goes into the tunnel anyway',
    before: gateway,
    after: (model) => withNetwork(model, hq?.id, { prefixes: ['10.0.0.0/18', '10.77.0.0/16'] as PrefixText[] }),
    says: [
      '3 connectors and 5 people gain access to 10.77.0.0/16 at once.',
      '0 connections will be reset.',
      '3 routers need a new route to 10.77.0.0/16: Branch Network, Network 2 and Network 3.',
    ],
  },
  {
    name: 'a prefix more, with stock connectors',
    after: (model) => withNetwork(model, hq?.id, { prefixes: ['10.0.0.0/18', '10.77.0.0/16'] as PrefixText[] }),
    tunnels: (model) => everyone(model, false),
    says: [
      '3 connectors and 5 people gain access to 10.77.0.0/16 at once.',
      '8 connections will be reset, and are back after one to three seconds: 3 connectors and 5 people.',
      '3 routers need a new route to 10.77.0.0/16: Branch Network, Network 2 and Network 3.',
    ],
  },
  {
    name: 'a prefix less: a route too much disturbs nobody',
    after: (model) => withNetwork(model, hq?.id, { prefixes: [] }),
    says: [
      '3 connectors and 5 people lose access to 10.0.0.0/18 now.',
      '0 connections will be reset.',
      'No router needs a new route.',
      '4 routers no longer need some routes: HQ Network, Branch Network, Network 2 and 1 more.',
    ],
  },
  {
    name: 'a prefix less while the connector of its network is away',
    after: (model) => withNetwork(model, hq?.id, { prefixes: [] }),
    tunnels: (model) => everyone(model).slice(1),
    says: [
      '0 connections will be reset.',
      'No router needs a new route.',
      '4 routers no longer need some routes: HQ Network, Branch Network, Network 2 and 1 more.',
    ],
  },
  {
    name: 'a prefix moved to a network with a connector is lost by nobody',
    after: (model) =>
      withNetwork(withNetwork(model, hq?.id, { prefixes: [] }), branch?.id, {
        prefixes: ['10.0.0.0/18', '192.168.0.0/22'] as PrefixText[],
      }),
    says: [
      '0 connections will be reset.',
      'No router needs a new route.',
      '2 routers no longer need some routes: HQ Network and Branch Network.',
    ],
  },
  {
    name: 'NAT off',
    after: (model) => withNetwork(model, hq?.id, { nat: 'routed' }),
    says: ['0 connections will be reset.', '1 router needs a new route to 100.96.0.0/11: HQ Network.'],
  },
  {
    name: 'NAT on',
    before: routed,
    after: (model) => withNetwork(model, hq?.id, { nat: 'masquerade' }),
    says: [
      '0 connections will be reset.',
      'No router needs a new route.',
      '1 router no longer needs the route to 100.96.0.0/11: HQ Network.',
    ],
  },
  {
    name: 'a network removed',
    after: (model) => withoutNetwork(model, hq?.id),
    says: [
      '1 connector is disconnected, and not let in any more.',
      '3 connectors and 5 people lose access to 10.0.0.0/18 now.',
      '0 connections will be reset.',
      'No router needs a new route.',
      '3 routers no longer need the route to 10.0.0.0/18: Branch Network, Network 2 and Network 3.',
    ],
  },
  {
    name: 'the only connector suspended',
    after: (model) => ({
      ...model,
      connectors: model.connectors.map((each, index) => (index === 0 ? { ...each, suspended: true } : each)),
    }),
    says: [
      '1 connector is disconnected, and not let in any more.',
      '3 connectors and 5 people lose access to 10.0.0.0/18 now.',
      ...quiet,
    ],
  },
  {
    name: 'a user removed',
    after: (model) => withoutUser(model, bob?.id),
    says: ['1 person is disconnected, and not let in any more.', ...quiet],
  },
  {
    name: 'a user removed whose profile belongs to one machine',
    before: {
      ...base,
      deviceEnforcement: 'ENFORCE',
      devices: base.devices.map((each) => ({ ...each, clientUuid: '02:42:ac:11:00:02' })),
    },
    after: (model) => withoutUser(model, bob?.id),
    says: ['1 person is disconnected, and not let in any more.', ...quiet],
  },
  {
    name: 'a user suspended',
    after: (model) => ({ ...model, users: model.users.map((each) => ({ ...each, suspended: each.id === bob?.id })) }),
    says: ['1 person is disconnected, and not let in any more.', ...quiet],
  },
  {
    name: 'a profile revoked',
    after: (model) => ({ ...model, certificates: model.certificates.filter((_, index) => index !== 4) }),
    says: ['1 person is disconnected, and not let in any more.', ...quiet],
  },
  {
    name: 'split tunnel off, to a gateway that is connected',
    before: withNetwork(base, hq?.id, { egress: true }),
    after: (model) => withGroup(model, { internet: off }),
    says: [
      'Internet traffic of user group Default (5 people connected) leaves by HQ Network.',
      '5 connections will be reset, and are back after one to three seconds: 5 people.',
      'No router needs a new route.',
    ],
  },
  {
    name: 'split tunnel off without any internet gateway',
    after: (model) => withGroup(model, { internet: off }),
    says: [
      'Internet traffic of user group Default (5 people connected) is refused: no internet gateway that it may use is connected.',
      '5 connections will be reset, and are back after one to three seconds: 5 people.',
      'No router needs a new route.',
    ],
  },
  {
    name: 'the internet gateway is none any more',
    before: gateway,
    after: (model) => withNetwork(model, hq?.id, { egress: false }),
    says: [
      'Internet traffic of user group Default (5 people connected) is refused: no internet gateway that it may use is connected.',
      ...quiet,
    ],
  },
  {
    name: 'one of two internet gateways is none any more: nobody connects anew, the address is another',
    before: twoGateways,
    after: (model) => withNetwork(model, hq?.id, { egress: false }),
    says: [
      'Internet traffic of user group Default (5 people connected) leaves by Branch Network in place of HQ Network: what is open there has to be opened again.',
      ...quiet,
    ],
  },
  {
    name: 'restricted',
    before: gateway,
    after: (model) => withGroup(model, { internet: { mode: 'RESTRICTED_INTERNET', bypass: [] } }),
    says: ['Internet traffic of user group Default (5 people connected) is refused, but for what is trusted.', ...quiet],
  },
  {
    name: 'internet traffic of a network into the tunnel',
    before: gateway,
    after: (model) => withNetwork(model, branch?.id, { internet: off }),
    says: [
      'Internet traffic of network Branch Network leaves by HQ Network.',
      ...quiet,
      'Machines of Branch Network need a default route by the connector.',
    ],
  },
  {
    name: 'a demand at connect ends nothing',
    after: (model) => withGroup(model, { connectAuth: 'EVERY_TIME' }),
    says: [...quiet, '5 people are asked who they are at their next connection.'],
  },
  {
    name: 'resolvers',
    after: (model) => ({ ...model, dnsServers: ['10.0.0.53' as WpcModel['dnsServers'][number]] }),
    says: ['5 connections will be reset, and are back after one to three seconds: 5 people.', 'No router needs a new route.'],
  },
];

describe('impactOf', () => {
  for (const { name, before = base, after, tunnels = everyone, says } of cases)
    it(name, () => assert.deepEqual(impactSentences(asked(before, after(before), tunnels(before))), says));

  it('counts a person with two devices once', () => {
    const both: WpcModel = {
      ...base,
      devices: base.devices.map((each) => (each.user === ada?.id && bob !== undefined ? { ...each, user: bob.id } : each)),
    };
    assert.deepEqual(asked(both, withoutUser(both, bob?.id)).cut, { people: 1, devices: 2, connectors: 0 });
    assert.equal(
      impactSentences(asked(both, withoutUser(both, bob?.id)))[0],
      '1 person with 2 devices is disconnected, and not let in any more.',
    );
  });

  it('counts nothing that is not connected, and nothing that is being ended anyway', () => {
    assert.deepEqual(asked(base, withoutUser(base, bob?.id), []).cut, noImpact.cut);
    const [first, ...others] = everyone(base);
    assert.ok(first !== undefined);
    const revoked = [{ ...first, serial: 'ff' as LiveTunnel['serial'] }, ...others];
    assert.deepEqual(asked(base, withoutNetwork(base, hq?.id), revoked).cut, noImpact.cut);
  });

  it('without a gateway tells of routers alone', () => {
    const question = { before: base, tunnels: [], site: undefined, gatewayAddresses: [], now: 0 };
    const { routers, ...others } = impactOf({ ...question, after: withNetwork(base, hq?.id, { nat: 'routed' }) });
    assert.equal(routers.length, 1);
    assert.deepEqual({ ...others, routers: [] }, noImpact);
  });

  it('is nothing where nothing changes', () => {
    const models = fc.record({
      networks: fc.integer({ min: 0, max: 6 }),
      devices: fc.integer({ min: 0, max: 9 }),
      prefixesPerNetwork: fc.integer({ min: 1, max: 4 }),
      revision: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(models, fc.boolean(), fc.integer({ min: 1, max: 9 }), (size, runsAgent, revision) => {
        const model = withClasses(exampleWpc(size));
        assert.deepEqual(asked(model, { ...model, revision }, everyone(model, runsAgent)), noImpact);
      }),
    );
  });

  it('loses by a change what its undoing gains', () => {
    fc.assert(
      fc.property(fc.subarray(base.networks.map(({ id }) => id)), (emptied) => {
        const other = emptied.reduce((model, id) => withNetwork(model, id, { prefixes: [] }), base);
        const there = asked(base, other).access;
        const back = asked(other, base).access;
        assert.deepEqual(
          there.map((each) => ({ ...each, kind: 'gained' })),
          back,
        );
      }),
    );
  });
});
