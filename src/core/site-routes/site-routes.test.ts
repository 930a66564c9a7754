import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exampleId, exampleWpc } from '../example-wpc.ts';
import type { ConnectorId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import { address4, addressPlus, formatAddress } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { containsAddress, everything, formatPrefix, overlaps, prefixOf, strictPrefix } from '../ip/prefix.ts';
import { aggregate } from '../ip/prefix-set.ts';
import type { Network } from '../model.ts';
import { diffSiteRoutes } from './diff-site-routes.ts';
import type { LanAddress } from './lan-address.ts';
import { sitePairs } from './site-pairs.ts';
import type { SitePlanInput } from './site-plan.ts';
import { sitePlan } from './site-plan.ts';
import type { SiteWpc } from './site-routes.ts';
import { siteRoutes, sourcesAt } from './site-routes.ts';

const network = (number: number) => exampleId(1, number) as NetworkId;
const connector = (number: number) => exampleId(2, number) as ConnectorId;
const range = '100.96.0.0/11' as PrefixText;
const lanAt = (address: string, subnet: string): LanAddress => ({
  address: address as AddressText,
  subnet: subnet as PrefixText,
  interface: 'eth0',
  router: null,
});

/** The tutorial's HQ and Branch, with the LAN addresses of its connectors. */
function tutorial(change: (network: Network) => Network = (same) => same): SiteWpc {
  const wpc = exampleWpc({ networks: 2, devices: 1 });
  return {
    ...wpc,
    networks: wpc.networks.map(change),
    gatewayAddresses: ['203.0.113.1' as AddressText],
    lan: new Map([
      [connector(0), lanAt('10.0.0.10', '10.0.0.0/18')],
      [connector(1), lanAt('192.168.0.10', '192.168.0.0/22')],
    ]),
    owners: new Map(),
  };
}

describe('siteRoutes', () => {
  it('gives each site of the tutorial what SS-19 and SS-30 add, and the WPC range as useful while it masquerades', () => {
    const routes = siteRoutes(tutorial());
    assert.deepEqual(routes(network(0))?.routes, [
      {
        destination: '192.168.0.0/22',
        via: '10.0.0.10',
        need: 'required',
        at: 'router',
        flows: [{ kind: 'site-to-site', network: network(1) }],
      },
      { destination: range, via: '10.0.0.10', need: 'useful', at: 'router', flows: [{ kind: 'network-reaches-devices' }] },
    ]);
    assert.deepEqual(
      routes(network(1))?.routes.map(({ destination, via }) => `${destination} via ${via ?? '?'}`),
      ['10.0.0.0/18 via 192.168.0.10', '100.96.0.0/11 via 192.168.0.10'],
    );
  });

  it('requires the WPC range in routed mode, also for the answers to devices (SS-7, SS-16)', () => {
    const hq = siteRoutes(tutorial((each) => ({ ...each, nat: 'routed' })))(network(0));
    assert.deepEqual(
      hq?.routes.find(({ destination }) => destination === range),
      {
        destination: range,
        via: '10.0.0.10',
        need: 'required',
        at: 'router',
        flows: [{ kind: 'devices-reach-network' }, { kind: 'network-reaches-devices' }],
      },
    );
  });

  it('adds the default where internet traffic goes through the tunnel, for hosts and not for the router of the connector', () => {
    const hq = siteRoutes(tutorial((each) => ({ ...each, internet: { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: [] } })))(
      network(0),
    );
    assert.deepEqual(hq?.routes.at(-1), {
      destination: everything,
      via: '10.0.0.10',
      need: 'required',
      at: 'hosts',
      flows: [{ kind: 'internet' }],
    });
  });

  it('asks nothing of a network that only lets internet traffic out with NAT, and the answers of its router without', () => {
    const exit = (nat: Network['nat']) =>
      siteRoutes(tutorial((each) => (each.id === network(0) ? { ...each, nat, prefixes: [] } : each)))(network(0))?.routes;
    assert.deepEqual(exit('masquerade'), []);
    assert.deepEqual(
      exit('routed')?.map(({ destination }) => destination),
      [range, '192.168.0.0/22'],
    );
  });

  it('names no next hop while no connector has reported its LAN address', () => {
    const hq = siteRoutes({ ...tutorial(), lan: new Map() })(network(0));
    assert.deepEqual(
      hq?.routes.map(({ via }) => via),
      [null, null],
    );
  });

  it('points to the connector that owns the routes, and says that they move', () => {
    const wpc = tutorial();
    const second = { ...wpc.connectors[0], id: connector(9), name: 'hq-2' } as SiteWpc['connectors'][number];
    const both: SiteWpc = {
      ...wpc,
      connectors: [...wpc.connectors, second],
      lan: new Map([...wpc.lan, [connector(9), lanAt('10.0.0.11', '10.0.0.0/18')]]),
    };
    const before = siteRoutes(both)(network(0));
    assert.deepEqual([before?.routes[0]?.via, before?.routesMove], ['10.0.0.10', true]);
    const after = siteRoutes({ ...both, owners: new Map([[network(0), new Set([connector(9)])]]) })(network(0));
    assert.equal(after?.routes[0]?.via, '10.0.0.11');
    const draining = both.connectors.map((each) => (each.id === connector(0) ? { ...each, draining: true } : each));
    assert.equal(siteRoutes({ ...both, connectors: draining })(network(0))?.routes[0]?.via, '10.0.0.11');
    assert.equal(siteRoutes(wpc)(network(0))?.routesMove, false);
  });

  it('leaves out a suspended connector', () => {
    const wpc = tutorial();
    const suspended = wpc.connectors.map((each) => ({ ...each, suspended: true }));
    const hq = siteRoutes({ ...wpc, connectors: suspended })(network(0));
    assert.deepEqual([hq?.connectors, hq?.routes[0]?.via], [[], null]);
  });

  it('cuts the LAN that a connector stands in out of another network that has it', () => {
    const wpc = tutorial((each) => (each.id === network(1) ? { ...each, prefixes: ['192.168.0.0/22' as PrefixText] } : each));
    const hq = siteRoutes({ ...wpc, lan: new Map([[connector(0), lanAt('192.168.0.5', '192.168.0.0/24')]]) })(network(0));
    assert.deepEqual(
      hq?.routes.map(({ destination }) => destination),
      ['192.168.1.0/24', '192.168.2.0/23', range],
    );
  });

  it('lets filters know the sources that arrive unhidden', () => {
    const masqueraded = siteRoutes(tutorial())(network(0));
    const routed = siteRoutes(tutorial((each) => ({ ...each, nat: 'routed' })))(network(0));
    assert.ok(masqueraded !== undefined && routed !== undefined);
    assert.deepEqual(sourcesAt(masqueraded, [range]), ['192.168.0.0/22']);
    assert.deepEqual(sourcesAt(routed, [range]), [range, '192.168.0.0/22']);
  });
});

/** Neighbouring /28s in 10.0.0.0/20 and next to the tunnel range, so that many merge; owners lie anywhere in between. */
const anyPlan = fc
  .record({
    places: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 60 }),
    owners: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 60 }),
    routed: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    tunneled: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    present: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    gateway: fc.option(fc.integer({ min: 0, max: 4095 }), { nil: undefined }),
  })
  .map(({ places, owners, routed, tunneled, present, gateway }): SitePlanInput => {
    const base = 0x0a00_0000;
    const numbers = [0, 1, 2, 3, 4].filter((number) => present[number] === true);
    return {
      tunnelRanges: [formatPrefix(prefixOf(address4(0x0a00_1000), 20))],
      networks: numbers.map((number) => ({
        id: network(number),
        nat: routed[number] === true ? 'routed' : 'masquerade',
        internet: tunneled[number] === true ? 'SPLIT_TUNNEL_OFF' : 'SPLIT_TUNNEL_ON',
        prefixes: places
          .filter((_, index) => owners[index] === number)
          .map((place) => formatPrefix(prefixOf(address4(base + place * 16), 28))),
      })),
      gatewayAddresses: gateway === undefined ? [] : [formatAddress(address4(base + gateway))],
    };
  });

describe('properties of the plan', () => {
  it('sends exactly the addresses of others to the connector, in the fewest prefixes, never its own nor a gateway', () => {
    fc.assert(
      fc.property(anyPlan, (input) => {
        const plan = sitePlan(input);
        for (const each of input.networks) {
          const found = plan.destinationsOf(each.id);
          assert.ok(found !== undefined);
          const prefixes = found.required.map((text) => strictPrefix(text));
          assert.deepEqual(prefixes, aggregate(prefixes), 'fewest, sorted, disjoint');
          const needsNone = each.prefixes.length === 0 && each.nat === 'masquerade';
          const others = needsNone ? [] : input.networks.filter(({ id }) => id !== each.id).flatMap((other) => other.prefixes);
          const wanted = [...others, ...(each.nat === 'routed' ? input.tunnelRanges : [])].map((text) => strictPrefix(text));
          for (let offset = 0; offset < 8192; offset += 1) {
            const address = addressPlus(address4(0x0a00_0000), offset);
            assert.ok(address !== undefined);
            const isGateway = input.gatewayAddresses.includes(formatAddress(address));
            const expected = !isGateway && wanted.some((prefix) => containsAddress(prefix, address));
            // Most addresses of a block behave as their first one; all are tried where a gateway is.
            if (offset % 16 !== 0 && !isGateway) continue;
            assert.equal(
              prefixes.some((prefix) => containsAddress(prefix, address)),
              expected,
              formatAddress(address),
            );
          }
          for (const own of each.prefixes) assert.ok(!prefixes.some((prefix) => overlaps(prefix, strictPrefix(own))));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells the difference that comparing both lists of each network gives', () => {
    fc.assert(
      fc.property(anyPlan, anyPlan, (one, other) => {
        // Half of the runs change little, as real changes do.
        const first = one.networks[0];
        const changed =
          first === undefined
            ? other
            : { ...one, networks: [{ ...first, prefixes: first.prefixes.slice(1) }, ...one.networks.slice(1)] };
        for (const after of [other, changed]) {
          const [a, b] = [sitePlan(one), sitePlan(after)];
          const all = (plan: ReturnType<typeof sitePlan>, id: NetworkId): readonly PrefixText[] => {
            const found = plan.destinationsOf(id);
            return found === undefined ? [] : [...found.required, ...(found.internet ? [everything] : [])];
          };
          const naive = after.networks.flatMap(({ id }) => {
            const added = all(b, id).filter((text) => !all(a, id).includes(text));
            const removed = all(a, id).filter((text) => !all(b, id).includes(text));
            return added.length + removed.length === 0
              ? []
              : [{ network: id, added: added.toSorted(), removed: removed.toSorted() }];
          });
          const told = diffSiteRoutes(a, b).map((each) => ({
            ...each,
            added: each.added.toSorted(),
            removed: each.removed.toSorted(),
          }));
          assert.deepEqual(told, naive);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('diffSiteRoutes', () => {
  const plan = (networks: number, nat: 'masquerade' | 'routed' = 'masquerade') => {
    const wpc = exampleWpc({ networks, devices: 0 });
    return sitePlan({
      tunnelRanges: wpc.tunnelRanges,
      networks: wpc.networks.map(({ id, prefixes }) => ({ id, prefixes, nat, internet: 'SPLIT_TUNNEL_ON' })),
      gatewayAddresses: [],
    });
  };

  it('tells every existing site of a third one (SS-30)', () => {
    const third = formatPrefix(strictPrefix('11.0.4.0/24'));
    assert.deepEqual(diffSiteRoutes(plan(2), plan(3)), [
      { network: network(0), added: [third], removed: [] },
      { network: network(1), added: [third], removed: [] },
      { network: network(2), added: ['10.0.0.0/18', '192.168.0.0/22'], removed: [] },
    ]);
    assert.deepEqual(diffSiteRoutes(plan(3), plan(2)), [
      { network: network(0), added: [], removed: [third] },
      { network: network(1), added: [], removed: [third] },
    ]);
  });

  it('is empty where nothing changed, and tells of the range when NAT goes', () => {
    assert.deepEqual(diffSiteRoutes(plan(3), plan(3)), []);
    assert.deepEqual(diffSiteRoutes(plan(2), plan(2, 'routed')), [
      { network: network(0), added: [range], removed: [] },
      { network: network(1), added: [range], removed: [] },
    ]);
  });
});

describe('sitePairs', () => {
  it('lists each ordered pair once, and those of one network, with what each router needs', () => {
    const wpc = { ...exampleWpc({ networks: 4, devices: 0 }), gatewayAddresses: [] };
    const listed = (pairs: ReturnType<typeof sitePairs>) =>
      Array.from({ length: pairs.length }, (_, index) => pairs.at(index)).map(
        (pair) => `${pair?.from.network.slice(-1) ?? ''}>${pair?.to.network.slice(-1) ?? ''}`,
      );
    assert.deepEqual(listed(sitePairs(wpc)), '0>1 0>2 0>3 1>0 1>2 1>3 2>0 2>1 2>3 3>0 3>1 3>2'.split(' '));
    assert.deepEqual(listed(sitePairs(wpc, network(2))), ['2>0', '0>2', '2>1', '1>2', '2>3', '3>2']);
    assert.equal(sitePairs(wpc, network(7)).length, 0);
    assert.equal(sitePairs(wpc).at(12), undefined);
  });

  it('needs both routes with mixed NAT too, and says what blocks', () => {
    const mixed = tutorial((each) => (each.id === network(0) ? { ...each, nat: 'routed' } : each));
    assert.deepEqual(sitePairs(mixed).at(0), {
      from: { network: network(0), nat: 'routed', mayForward: [connector(0)] },
      to: { network: network(1), nat: 'masquerade', mayForward: [connector(1)] },
      routesAtFrom: ['192.168.0.0/22'],
      routesAtTo: ['10.0.0.0/18'],
      mixedNat: true,
      blocked: null,
    });
    assert.equal(sitePairs({ ...mixed, connectors: [] }).at(0)?.blocked, 'no-connector');
    assert.equal(sitePairs(tutorial((each) => ({ ...each, prefixes: [] }))).at(0)?.blocked, 'no-prefix');
  });
});
