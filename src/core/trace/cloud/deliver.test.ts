import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { cloudIds } from './cloud-state.ts';
import type { CloudState } from './cloud-state.ts';
import { cloudDelivers } from './deliver.ts';
import {
  back,
  changed,
  client,
  cloud,
  connector,
  crossing,
  ends,
  packet,
  prefix,
  route,
  rule,
  server,
  stepsOfDelivery,
  table,
  there,
  viaConnector,
  wpc,
} from './test-clouds.ts';

const withRoutes = (...routes: Parameters<typeof table>[1][number][]) => ({
  tables: [table('rtb-0main', routes, true)],
});
const ownTable = (state: CloudState, id: string) => changed(state.subnets, 'subnet-s', { table: { kind: 'own', id } });
const serverRules = (state: CloudState, ...rules: ReturnType<typeof rule>[]) => ({
  filters: changed(state.filters, 'sg-s', { rules: [...rules, rule('all out', { direction: 'out' })] }),
});
const igw = route('0.0.0.0/0', { kind: 'internet', name: 'igw-1' });
const connectorCard = (state: CloudState) => state.cards[0]?.id ?? '';

describe('a cloud that is set up for routed mode', () => {
  for (const id of cloudIds) {
    it(`${id}: carries the packet and its answer`, () => {
      const state = cloud(id);
      assert.equal(ends(there(state)), `delivered to ${server}`);
      assert.equal(ends(back(state)), `delivered to ${connector}`);
    });
    it(`${id}: lets nothing of what it read be a guess, except where its vendor says nothing`, () => {
      const state = cloud(id);
      const vague = [there(state), back(state)].flatMap(stepsOfDelivery).filter(({ result }) => result !== 'pass');
      const isSilent = id === 'hetzner' || id === 'digitalocean' || id === 'alibaba';
      assert.deepEqual(
        [...new Set(vague.map(({ stage, result }) => `${stage} ${result}`))],
        isSilent ? ['nic-ingress assumed'] : [],
      );
    });
  }
});

describe('the check of a network card', () => {
  for (const id of ['aws', 'azure', 'gcp', 'oci'] as const) {
    const state = cloud(id, (all) => ({ cards: changed(all.cards, connectorCard(all), { forwards: false }) }));
    it(`${id}: drops what the connector forwards, out and in`, () => {
      assert.equal(ends(there(state)), 'dropped at sender: nic-ingress SDC-ON');
      assert.equal(ends(back(state, client, there(cloud(id)))), 'dropped at receiver: nic-ingress SDC-ON');
    });
    it(`${id}: does not matter behind NAT`, () => {
      const open = { ...state, ...serverRules(state, rule('all from the connector', { peers: [prefix(`${connector}/32`)] })) };
      assert.equal(ends(there(open, connector)), `delivered to ${server}`);
      assert.equal(ends(back(open, connector)), `delivered to ${connector}`);
    });
  }
  it('says whose card it is that does not let it in', () => {
    const state = cloud('aws', (all) => ({ cards: changed(all.cards, connectorCard(all), { forwards: false }) }));
    assert.equal(back(state, client, there(cloud('aws'))).to, connector);
  });
  it('azure: a policy that refuses to let a card forward is the reason', () => {
    const refusal = 'RequestDisallowedByPolicy: Network interfaces should disable IP forwarding';
    const state = cloud('azure', (all) => ({ cards: changed(all.cards, connectorCard(all), { forwards: false, refusal }) }));
    assert.equal(ends(there(state)), 'dropped at sender: nic-ingress AZ-POLICY-DENY');
    assert.equal(there(state).sender.at(-1)?.quote, refusal);
  });
  it('is undetermined where it was not read', () => {
    const state = cloud('aws', (all) => ({ cards: changed(all.cards, connectorCard(all), { forwards: null }) }));
    assert.equal(ends(there(state)), 'undetermined at sender: nic-ingress');
  });
  it('names the parameters that the fix of the platform wants', () => {
    const facts = (id: 'aws' | 'azure' | 'gcp' | 'oci') =>
      there(cloud(id, (all) => ({ cards: changed(all.cards, connectorCard(all), { forwards: false }) }))).sender.at(-1)?.cause
        ?.facts.parameters;
    assert.deepEqual(facts('aws'), { networkInterface: 'eni-0c0c0c0c0c0c0c0c0' });
    assert.deepEqual(facts('azure'), { resourceGroup: 'hq-rg', networkInterface: 'hq-connector-nic' });
    assert.deepEqual(facts('gcp'), { vpcNetwork: 'vpc-1', instance: 'hq-connector' });
    assert.deepEqual(facts('oci'), {
      vnic: 'ocid1.vnic.oc1.eu-frankfurt-1.aaaac',
      privateIp: 'ocid1.privateip.oc1.eu-frankfurt-1.aaaac',
    });
  });
});

describe('the way back by the route table of the subnet of the server', () => {
  const cases: readonly { readonly name: string; readonly state: CloudState; readonly ends: string }[] = [
    {
      name: 'aws: no route, and a default route to the internet',
      state: cloud('aws', () => withRoutes(igw)),
      ends: 'dropped at router: cloud-route VPC-NO-ROUTE',
    },
    {
      name: 'aws: no route at all',
      state: cloud('aws', () => withRoutes()),
      ends: 'dropped at router: cloud-route VPC-NO-ROUTE',
    },
    {
      name: 'aws: the route is in the main table, and the subnet has one of its own',
      state: cloud('aws', (all) => ({
        tables: [...(all.tables ?? []), table('rtb-0own', [igw])],
        subnets: ownTable(all, 'rtb-0own'),
      })),
      ends: 'dropped at router: cloud-route VPC-WRONG-TABLE',
    },
    {
      name: 'aws: the route is in a table of its own, and the subnet uses the main one',
      state: cloud('aws', () => ({
        tables: [table('rtb-0main', [igw], true), table('rtb-0own', [route(wpc, viaConnector('aws'))])],
      })),
      ends: 'dropped at router: cloud-route VPC-WRONG-TABLE',
    },
    {
      name: 'aws: the network card of the route is gone',
      state: cloud('aws', () => withRoutes(route(wpc, { kind: 'card', name: 'eni-0old' }, { state: 'dead' }), igw)),
      ends: 'dropped at router: cloud-route VPC-BLACKHOLE',
    },
    {
      name: 'aws: a longer prefix leads to a transit gateway',
      state: cloud('aws', () =>
        withRoutes(route(wpc, viaConnector('aws')), route('100.96.0.0/16', { kind: 'elsewhere', name: 'tgw-1' })),
      ),
      ends: 'dropped at router: cloud-route VPC-MORE-SPECIFIC',
    },
    {
      name: 'aws: the route leads to another machine of the VPC',
      state: cloud('aws', () => withRoutes(route(wpc, { kind: 'address', address: '10.0.0.99' as AddressText }))),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'aws: the route leads to a card that was not read',
      state: cloud('aws', () => withRoutes(route(wpc, { kind: 'card', name: 'eni-0unread' }))),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'aws: tables were not read',
      state: cloud('aws', () => ({ tables: null })),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'aws: the table of the subnet was not read',
      state: cloud('aws', (all) => ({
        subnets: ownTable(all, 'rtb-0unread'),
        tables: [table('rtb-1', [], true), table('rtb-2', [])],
      })),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'aws: a prefix list of which the entries were not read',
      state: cloud('aws', () =>
        withRoutes(route(wpc, viaConnector('aws')), {
          ...route(wpc, { kind: 'elsewhere', name: 'tgw-1' }),
          destination: null,
        }),
      ),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: "aws: a prefix list of a service of the cloud's own has public addresses",
      state: cloud('aws', () =>
        withRoutes(route(wpc, viaConnector('aws')), {
          ...route(wpc, { kind: 'service', name: 'vpce-1' }),
          destination: null,
        }),
      ),
      ends: `delivered to ${connector}`,
    },
    {
      name: 'azure: the system route for 100.64.0.0/10 drops it',
      state: cloud('azure', () => ({ tables: [] })),
      ends: 'dropped at router: cloud-route VPC-NO-ROUTE',
    },
    {
      name: 'azure: a user route wins over one that was learned, of the same length',
      state: cloud('azure', () =>
        withRoutes(route(wpc, { kind: 'elsewhere', name: 'vpn' }, { origin: 'propagated' }), route(wpc, viaConnector('azure'))),
      ),
      ends: `delivered to ${connector}`,
    },
    {
      name: 'gcp: a lower priority number wins',
      state: cloud('gcp', () =>
        withRoutes(
          route(wpc, viaConnector('gcp'), { priority: 1000 }),
          route(wpc, { kind: 'elsewhere', name: 'vpn' }, { priority: 900 }),
        ),
      ),
      ends: 'dropped at router: cloud-route VPC-MORE-SPECIFIC',
    },
    {
      name: 'gcp: two routes with one priority share the flows',
      state: cloud('gcp', () =>
        withRoutes(
          route(wpc, viaConnector('gcp'), { priority: 1000 }),
          route(wpc, { kind: 'elsewhere', name: 'vpn' }, { priority: 1000 }),
        ),
      ),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'gcp: the route is for machines with a tag that the server lacks',
      state: cloud('gcp', () => withRoutes(route(wpc, viaConnector('gcp'), { tags: ['routed'] }), igw)),
      ends: 'dropped at router: cloud-route VPC-WRONG-TABLE',
    },
    {
      name: 'gcp: the tags of the server were not read',
      state: cloud('gcp', (all) => ({
        ...withRoutes(route(wpc, viaConnector('gcp'), { tags: ['routed'] })),
        cards: changed(all.cards, 'nic-s', { tags: null }),
      })),
      ends: 'undetermined at router: cloud-route',
    },
    {
      name: 'gcp: the next hop does not run, so the default route has it',
      state: cloud('gcp', () => withRoutes(route(wpc, viaConnector('gcp'), { state: 'dead' }), igw)),
      ends: 'dropped at router: cloud-route VPC-BLACKHOLE',
    },
    {
      name: 'gcp: the next hop of the preferred route does not run, so the next one counts',
      state: cloud('gcp', () =>
        withRoutes(
          route(wpc, { kind: 'card', name: 'old-connector' }, { state: 'dead', priority: 900 }),
          route(wpc, viaConnector('gcp'), { priority: 1000 }),
        ),
      ),
      ends: `delivered to ${connector}`,
    },
    {
      name: 'gcp: the next hop is a secondary address',
      state: cloud('gcp', (all) => ({
        ...withRoutes(route(wpc, { kind: 'address', address: '10.0.0.11' as AddressText })),
        cards: changed(all.cards, connectorCard(all), { addresses: [connector, '10.0.0.11'] as AddressText[] }),
      })),
      ends: 'dropped at router: cloud-route VPC-BLACKHOLE',
    },
    {
      name: 'oci: what no rule matches is dropped',
      state: cloud('oci', () => withRoutes()),
      ends: 'dropped at router: cloud-route VPC-NO-ROUTE',
    },
    {
      name: 'digitalocean: no route',
      state: cloud('digitalocean', () => withRoutes()),
      ends: 'dropped at router: cloud-route VPC-NO-ROUTE',
    },
    {
      name: 'hetzner: takes no route to that range',
      state: cloud('hetzner', () => withRoutes()),
      ends: 'dropped at router: cloud-route RANGE-UNROUTABLE',
    },
    {
      name: 'hetzner: takes no route to that range, whatever was not read',
      state: cloud('hetzner', () => ({ tables: null })),
      ends: 'dropped at router: cloud-route RANGE-UNROUTABLE',
    },
    {
      name: 'alibaba: takes no route to that range',
      state: cloud('alibaba', () => withRoutes(igw)),
      ends: 'dropped at router: cloud-route RANGE-UNROUTABLE',
    },
  ];
  for (const { name, state, ends: wanted } of cases) {
    it(name, () => {
      assert.equal(ends(back(state, client, there(cloud(state.cloud)))), wanted);
    });
  }

  it('does not matter behind NAT, because the connector is inside', () => {
    const state = cloud('aws', (all) => ({
      ...withRoutes(),
      ...serverRules(all, rule('all from the connector', { peers: [prefix(`${connector}/32`)] })),
    }));
    assert.equal(ends(back(state, connector)), `delivered to ${connector}`);
    const unread = { ...state, tables: null };
    assert.equal(ends(back(unread, connector)), `delivered to ${connector}`);
    assert.equal(back(unread, connector).router[0]?.result, 'assumed');
  });

  it('gcp: no route wins over those of subnets, however long its prefix', () => {
    const longer = route('10.0.0.10/32', { kind: 'elsewhere', name: 'vpn' });
    const behindNat = (id: 'gcp' | 'aws') =>
      cloud(id, (all) => ({
        ...withRoutes(longer),
        ...serverRules(all, rule('all from the connector', { peers: [prefix(`${connector}/32`)] })),
      }));
    assert.equal(ends(back(behindNat('gcp'), connector)), `delivered to ${connector}`);
    assert.equal(ends(back(behindNat('aws'), connector)), 'elsewhere');
  });

  it('gives the fix what it needs', () => {
    const state = cloud('aws', (all) => ({
      tables: [...(all.tables ?? []), table('rtb-0a1b2c3d', [igw])],
      subnets: ownTable(all, 'rtb-0a1b2c3d'),
    }));
    const step = back(state).router.at(-1);
    assert.deepEqual(step?.cause?.facts.parameters, { routeTables: 'rtb-0a1b2c3d', networkInterface: 'eni-0c0c0c0c0c0c0c0c0' });
    assert.equal(step?.cause?.facts.prefix, wpc);
    assert.equal(step?.cause?.facts.nextHop, connector);
    assert.equal(step?.quote, 'rtb-0a1b2c3d: 0.0.0.0/0 -> igw-1');
    assert.equal(step?.observedAt, '2026-11-27T08:00:00.000Z');
    assert.equal(
      step?.detail,
      'the subnet uses rtb-0a1b2c3d, and the route to the connector is in rtb-0main; it takes 0.0.0.0/0 -> igw-1',
    );
  });
});

describe('what a connector sends', () => {
  const outside = (state: CloudState, source: string, to = '198.51.100.7') =>
    ends(cloudDelivers(state, crossing(connector, packet(source, to))));
  it('goes to the internet behind its own address, and only so', () => {
    assert.equal(outside(cloud('aws'), connector), 'internet');
    assert.equal(outside(cloud('aws'), client), 'dropped at router: cloud-route NAT-EDGE-SCOPE');
  });
  it('goes into a network that is not known here', () => {
    const state = cloud('aws', () => withRoutes(route('172.16.0.0/12', { kind: 'elsewhere', name: 'pcx-1' })));
    assert.equal(outside(state, connector, '172.16.0.1'), 'elsewhere');
  });
  it('goes nowhere with a private destination and a gateway to the internet', () => {
    assert.equal(outside(cloud('aws'), connector, '192.168.77.1'), 'dropped at router: cloud-route VPC-NO-ROUTE');
  });
  it('azure: comes back to it where the route of the servers is that of its own subnet too', () => {
    const toItself = route('10.0.0.0/16', viaConnector('azure'));
    const state = cloud('azure', () => withRoutes(toItself));
    assert.equal(ends(there(state)), 'dropped at router: cloud-route AZ-SAME-SUBNET');
    const apart = cloud('azure', (all) => ({
      tables: [table('servers', [toItself, route(wpc, viaConnector('azure'))])],
      subnets: ownTable(all, 'servers'),
    }));
    assert.equal(ends(there(apart)), `delivered to ${server}`);
    assert.equal(ends(back(apart)), `delivered to ${connector}`);
  });
  it('comes back to it by its own default route elsewhere', () => {
    const state = cloud('alibaba', () => withRoutes(route('0.0.0.0/0', viaConnector('alibaba'))));
    assert.equal(outside(state, connector), 'dropped at router: cloud-route EGRESS-LOOP');
  });
});

describe('a server of which nothing was read', () => {
  it('is reached if its filter allows, which nobody knows', () => {
    const state = cloud('aws', (all) => ({ cards: all.cards.slice(0, 1), ranges: null, filters: null, tables: null }));
    const way = there(state);
    assert.equal(ends(way), 'undetermined at receiver: cloud-filter-in');
    assert.deepEqual(
      stepsOfDelivery(way).map(({ stage, result }) => `${stage} ${result}`),
      [
        'nic-ingress pass',
        'cloud-filter-out assumed',
        'cloud-route assumed',
        'cloud-filter-out pass',
        'cloud-filter-in pass',
        'nic-ingress pass',
        'cloud-filter-in unknown',
      ],
    );
  });
  it('hetzner: is reached, because nothing filters there', () => {
    const state = cloud('hetzner', (all) => ({ cards: all.cards.slice(0, 1), ranges: ['10.0.0.0/16' as PrefixText] }));
    assert.equal(ends(there(state)), `delivered to ${server}`);
  });
});

describe('evidence', () => {
  it('is configuration where the operator said it', () => {
    const state = cloud('aws', () => ({ reading: { from: 'statement', at: '2026-11-27T08:00:00.000Z' } }));
    for (const { evidence, observedAt } of stepsOfDelivery(there(state)))
      assert.deepEqual([evidence, observedAt], ['config', null]);
  });
  it('is observation where the cloud said it', () => {
    for (const { evidence } of stepsOfDelivery(there(cloud('aws')))) assert.equal(evidence, 'observed');
  });
  it('quotes the rule and the route', () => {
    const quotes = [there(cloud('aws')), back(cloud('aws'))].flatMap(stepsOfDelivery).flatMap(({ quote }) => quote ?? []);
    assert.ok(quotes.includes('all from the WPC'));
    assert.ok(quotes.includes('rtb-0main: 100.96.0.0/11 -> eni-0c0c0c0c0c0c0c0c0'));
    assert.ok(quotes.includes('SourceDestCheck: false'));
  });
});
