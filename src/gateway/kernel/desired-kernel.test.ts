import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../core/compile.ts';
import { assignEgressClasses, egressClassKey } from '../../core/egress-classes.ts';
import { exampleGateway, exampleId, exampleSerial, exampleWpc } from '../../core/example-wpc.ts';
import { poolsOf } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { ConnectorId, EndpointId, NetworkId, UserGroupId } from '../../core/ids.ts';
import type { InternetAccess } from '../../core/internet-access.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { assignLanes, laneDevice } from '../../core/lanes.ts';
import type { WpcModel } from '../../core/model.ts';
import { planCut, planMove } from '../cut.ts';
import type { Session } from '../session.ts';
import { exampleSession } from '../testing/example.ts';
import { FakeKernel } from '../testing/fake-kernel.ts';
import type { DesiredKernel, KernelInputs } from './desired-kernel.ts';
import { desiredKernel } from './desired-kernel.ts';
import { describePlan } from './kernel-plan.ts';
import { lintKernel } from './lint-kernel.ts';
import { classMark, exitMark, kernelOwnership, markText, pinMark } from './ownership.ts';
import { planKernel } from './plan-kernel.ts';

const own = kernelOwnership(1);
const networks = 3;
const connectorsEach = 3;
const devices = 3;

const anyAccess: fc.Arbitrary<InternetAccess> = fc.oneof(
  fc.constant<InternetAccess>({ mode: 'SPLIT_TUNNEL_ON' }),
  fc.constant<InternetAccess>({ mode: 'RESTRICTED_INTERNET', bypass: [] }),
  fc
    .subarray(Array.from({ length: networks }, (_, index) => exampleId(1, index) as NetworkId))
    .map((gateways): InternetAccess => ({ mode: 'SPLIT_TUNNEL_OFF', gateways, bypass: [] })),
);

/** Three networks with up to three connectors each, and three people in groups of their own. */
const anyModel: fc.Arbitrary<WpcModel> = fc
  .record({
    sites: fc.array(
      fc.record({ connectors: fc.nat(connectorsEach), egress: fc.boolean(), isRouted: fc.boolean(), internet: anyAccess }),
      { minLength: networks, maxLength: networks },
    ),
    groups: fc.array(anyAccess, { minLength: devices, maxLength: devices }),
    prefixesPerNetwork: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ sites, groups, prefixesPerNetwork }) => {
    const wpc = exampleWpc({ networks, devices, prefixesPerNetwork });
    const connectors = sites.flatMap((site, at) =>
      Array.from({ length: site.connectors }, (_, index) => ({
        id: exampleId(2, at * connectorsEach + index) as ConnectorId,
        name: `connector ${String(at)}-${String(index)}`,
        site: { kind: 'network', id: exampleId(1, at) as NetworkId } as const,
        region: exampleGateway.regions[0] ?? ('' as never),
        address: `100.96.1.${String(1 + at * connectorsEach + index)}` as AddressText,
        suspended: false,
        draining: false,
        lanRouter: null,
      })),
    );
    const group = (index: number) => exampleId(3, index) as UserGroupId;
    const accesses = [...sites.map(({ internet }) => internet), ...groups];
    const keys = accesses.flatMap((access) => egressClassKey(access) ?? []);
    return {
      ...wpc,
      connectors,
      networks: wpc.networks.map((network, index) => ({
        ...network,
        egress: sites[index]?.egress ?? false,
        nat: sites[index]?.isRouted === true ? ('routed' as const) : ('masquerade' as const),
        internet: sites[index]?.internet ?? { mode: 'SPLIT_TUNNEL_ON' as const },
      })),
      userGroups: groups.map((internet, index) => ({ id: group(index), name: '', internet, connectAuth: 'NO_AUTH' as const })),
      users: wpc.users.map((user, index) => ({ ...user, group: group(index) })),
      certificates: [
        ...connectors.map(({ id }, index) => ({ serial: exampleSerial(index), endpoint: { kind: 'connector', id } as const })),
        ...wpc.devices.map(({ id }, index) => ({
          serial: exampleSerial(1_000 + index),
          endpoint: { kind: 'device', id } as const,
        })),
      ],
      laneAssignment: assignLanes({}, connectors, 256),
      dnsServers: ['9.9.9.9' as AddressText],
      egressClassNumbers: assignEgressClasses({}, keys),
    };
  });

/** A configuration with anything that its endpoints and pools may be in. */
type World = Pick<KernelInputs, 'configuration' | 'sessions' | 'owners' | 'alive' | 'undecided'>;

const places = ['nowhere', 'own', 'own', 'own', 'shared', 'both'] as const;

function worldOf(configuration: GatewayConfiguration): fc.Arbitrary<World> {
  const endpoints = Object.keys(configuration.endpoints) as EndpointId[];
  const pools = poolsOf(configuration);
  return fc
    .record({
      places: fc.array(fc.constantFrom(...places), { minLength: endpoints.length, maxLength: endpoints.length }),
      handover: fc.option(fc.constantFrom(...endpoints)),
      // Owners may be of an older configuration: anybody.
      owners: fc.tuple(...pools.map(() => fc.option(fc.shuffledSubarray(endpoints)))),
      alive: fc.subarray(endpoints),
      undecided: fc.subarray(Object.keys(configuration.lanes) as (keyof GatewayConfiguration['lanes'])[], { maxLength: 2 }),
    })
    .map((drawn) => ({
      configuration,
      sessions: endpoints.flatMap((endpoint, index) => {
        const isMoving = drawn.handover === endpoint && endpoint.startsWith('connector:');
        const place = drawn.places[index] ?? 'nowhere';
        const [onOwn, onShared] = [place === 'own' || place === 'both', place === 'shared' || place === 'both'];
        const owns = prefixesOf(configuration, endpoint).slice(0, 2);
        const sessions = [
          ...(onOwn ? [exampleSession(configuration, endpoint)] : []),
          ...(isMoving ? [exampleSession(configuration, endpoint, { lane: 'h0' })] : []),
          ...(onShared ? [exampleSession(configuration, endpoint, { lane: 't0', owns })] : []),
        ];
        // The newest has the routes.
        return sessions.map((session): Session => (session === sessions.at(-1) ? session : { ...session, state: 'superseded' }));
      }),
      owners: new Map(
        pools.flatMap(({ id }, index) => {
          const owners = drawn.owners[index] ?? null;
          return owners === null ? [] : [[id, owners] as const];
        }),
      ),
      alive: new Set(drawn.alive),
      undecided: new Set(drawn.undecided),
    }));
}

const anyWorld = anyModel.chain((model) => worldOf(compile(model, exampleGateway)));

function desire(world: World): DesiredKernel {
  return desiredKernel({ own, running: new Set(), ...world });
}

function prefixesOf({ prefixes, networks: sites }: GatewayConfiguration, endpoint: EndpointId): PrefixText[] {
  return Object.entries(prefixes)
    .filter(([, { network }]) => sites[network]?.connectors.includes(endpoint))
    .map(([prefix]) => prefix as PrefixText);
}

function withoutUndecided(world: World): World {
  return { ...world, undecided: new Set() };
}

/** The tun where an endpoint has its routes, if it carries a prefix there. */
function tunOf({ sessions }: World, endpoint: EndpointId, prefix: string): string[] {
  return sessions
    .filter((session) => session.endpoint === endpoint && session.state === 'established')
    .filter(({ owns }) => owns.some((owned) => owned === prefix || owned === '0.0.0.0/0'))
    .map(({ lane }) => laneDevice(1, lane));
}

describe('desiredKernel, for any configuration, sessions, owners and health', () => {
  it('satisfies the linter, in whatever order the sessions come', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        assert.deepEqual(lintKernel(desire(world)), []);
        const [one, other] = [desire(world), desire({ ...world, sessions: world.sessions.toReversed() })];
        for (const key of ['rules', 'routes', 'tables', 'elements'] as const)
          assert.deepEqual(sorted(one[key]), sorted(other[key]));
      }),
    );
  });

  it('law: a prefix leads to who serves its network, several only where they share, and to an owner if one can have it', () => {
    fc.assert(
      fc.property(anyWorld.map(withoutUndecided), (world) => {
        const { configuration, owners } = world;
        const { routes } = desire(world);
        for (const [prefix, { network }] of Object.entries(configuration.prefixes)) {
          const site = configuration.networks[network];
          assert.ok(site !== undefined);
          const used = (routes.get(prefix as PrefixText) ?? '').split(' ').filter((device) => device !== '');
          const able = site.connectors.filter((endpoint) => tunOf(world, endpoint, prefix).length > 0);
          const ableOwners = (owners.get(`network:${network}`) ?? []).filter((endpoint) => able.includes(endpoint));
          const allowed = ableOwners.length > 0 ? ableOwners : able;
          const tuns = allowed.flatMap((endpoint) => tunOf(world, endpoint, prefix));
          assert.ok(
            used.every((device) => tuns.includes(device)),
            `${prefix}: ${used.join()} of ${tuns.join()}`,
          );
          if (!site.sharing) assert.ok(used.length <= 1);
          if (site.sharing && ableOwners.length > 0) assert.ok(used.length > 0);
        }
      }),
    );
  });

  it('law: a class leaves by its first owner that is attached and allowed, or is refused', () => {
    fc.assert(
      fc.property(anyWorld.map(withoutUndecided), (world) => {
        const { configuration, owners } = world;
        const { tables } = desire(world);
        for (const [id, { destinations, candidates }] of Object.entries(configuration.egress)) {
          const number = Number(id.slice(1));
          const allowed = candidates;
          const decided = owners.get(`egress:e${number}`)?.filter((endpoint) => allowed.includes(endpoint)) ?? allowed;
          const [device] = decided.flatMap((endpoint) => tunOf(world, endpoint, '0.0.0.0/0'));
          const expected = device === undefined ? [] : destinations.map((prefix) => [prefix, device]);
          assert.deepEqual([...(tables.get(classMark(own, number).table) ?? [])], expected);
        }
      }),
    );
  });

  it('law: a flow stays only with who is alive, and with whom its class or network may use', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { configuration, alive } = world;
        const { elements, tables } = desire(world);
        const allowed = new Set<string>();
        for (const [id, endpoint] of Object.entries(configuration.endpoints)) {
          if (endpoint.kind !== 'connector' || endpoint.lane === null || !alive.has(id as EndpointId)) continue;
          const lane = Number(endpoint.lane.slice(1));
          for (const [name, { candidates }] of Object.entries(configuration.egress)) {
            if (candidates.includes(id as EndpointId))
              allowed.add(`${markText(classMark(own, Number(name.slice(1))).mark)} ${markText(exitMark(own, lane).mark)}`);
          }
          const siblings = endpoint.network === null ? undefined : configuration.networks[endpoint.network]?.connectors;
          if ((siblings?.length ?? 0) > 1) allowed.add(markText(pinMark(own, lane).mark));
          for (const prefix of tables.get(pinMark(own, lane).table)?.keys() ?? [])
            assert.ok(prefixesOf(configuration, id as EndpointId).includes(prefix), prefix);
        }
        for (const element of [...elements.pinned, ...elements.pinned_out]) assert.ok(allowed.has(element), element);
      }),
    );
  });

  it("law: only tuns of internet gateways' connectors are believed what nobody claims, and all that is ours is claimed then", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { configuration, sessions } = world;
        const { elements } = desire(world);
        const gateways = Object.values(configuration.networks)
          .filter(({ egress }) => egress)
          .flatMap(({ connectors }) => connectors);
        for (const device of elements.egress) {
          const owner = Object.values(configuration.lanes).find(
            (lane, index) =>
              lane.kind === 'connector' && laneDevice(1, Object.keys(configuration.lanes)[index] as 'c0') === device,
          );
          const users = sessions.filter(({ lane }) => laneDevice(1, lane) === device).map(({ endpoint }) => endpoint);
          if (owner?.kind === 'connector') users.push(`connector:${owner.owner}`);
          assert.ok(
            users.every((endpoint) => gateways.includes(endpoint)),
            device,
          );
        }
        if (elements.egress.size === 0) return;
        for (const prefix of Object.keys(configuration.prefixes)) assert.ok(elements.claimed.has(prefix), prefix);
      }),
    );
  });
});

describe('plans, for any two states', () => {
  it('law: reach the second from the first and are content then', () => {
    fc.assert(
      fc.property(anyWorld.map(withoutUndecided), anyWorld, (first, second) => {
        const kernel = new FakeKernel(own.table);
        for (const desired of [desire(first), desire(second), desire(withoutUndecided(second))]) {
          kernel.apply(planKernel(desired, kernel.observe(), 'nobody'), desired);
          assert.equal(describePlan(planKernel(desired, kernel.observe(), 'nobody')), '');
        }
        const [desired, observed] = [desire(withoutUndecided(second)), kernel.observe()];
        assert.deepEqual(sorted(observed.rules), sorted(desired.rules));
        assert.deepEqual(sorted(observed.routes), sorted(desired.routes));
        assert.deepEqual(sorted(observed.tables), sorted(desired.tables));
        assert.deepEqual(sorted(observed.table?.elements), sorted(desired.elements));
      }),
    );
  });

  it('law: when only owners and health change, a move is all that is to do', () => {
    const anyMove = anyModel.chain((model) => {
      const world = worldOf(compile(model, exampleGateway)).map(withoutUndecided);
      return fc.tuple(world, world).map(([a, b]) => [a, { ...a, owners: b.owners, alive: b.alive }] as const);
    });
    fc.assert(
      fc.property(anyMove, ([first, second]) => {
        const kernel = new FakeKernel(own.table);
        const [before, after] = [desire(first), desire(second)];
        kernel.apply(planKernel(before, kernel.observe(), 'nobody'), before);
        kernel.apply(planMove(before, after), after);
        assert.equal(describePlan(planKernel(after, kernel.observe(), 'nobody')), '');
      }),
    );
  });

  it('law: a cut leaves nobody a route or a source that is not theirs any more, except on closed tuns', () => {
    const anyCut = anyWorld
      .map(withoutUndecided)
      .chain((world) => fc.subarray([...world.sessions]).map((sessions) => [world, { ...world, sessions }] as const));
    fc.assert(
      fc.property(anyCut, ([first, second]) => {
        const kernel = new FakeKernel(own.table);
        const [before, after] = [desire(first), desire(second)];
        kernel.apply(planKernel(before, kernel.observe(), 'nobody'), before);
        kernel.apply(planCut(before, after), after);
        const { routes, tables, table } = kernel.observe();
        for (const [number, left] of [[own.table, routes], ...tables] as const) {
          const wanted = number === own.table ? after.routes : after.tables.get(number);
          for (const [prefix, via] of left) assert.equal(wanted?.get(prefix), via, `${prefix} in ${String(number)}`);
        }
        for (const element of table?.elements.hosts ?? []) assert.ok(after.elements.hosts.has(element), element);
      }),
    );
  });
});

/** Maps and sets as sorted lists, however deep. */
function sorted(value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value].map((item) => JSON.stringify(sorted(item))).sort();
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
  return value;
}
