import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from './gateway-configuration.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { MachineRefusal } from './device-identity.ts';
import { nothingPushed, pushedTo } from './pushed-options.ts';
import type { SessionFate, TunnelSession as Session } from './session-fate.ts';
import { sessionFate } from './session-fate.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from '../gateway/testing/example.ts';

const configuration = exampleConfiguration(2, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const branch = endpointNamed(configuration, 'connector', 1);
const bob = endpointNamed(configuration, 'device', 0);

function endpointOf(id: typeof hq) {
  const endpoint = configuration.endpoints[id];
  assert.ok(endpoint !== undefined);
  return endpoint;
}

const bobs = exampleSession(configuration, bob, { pushed: pushedTo(configuration, endpointOf(bob)) });
const hqs = exampleSession(configuration, hq, { pushed: nothingPushed, peer: { agent: true } });
const shared = exampleSession(configuration, hq, { lane: 't0', owns: ['10.0.0.0/18' as PrefixText] });
const sharedWithAgent = { ...shared, pushed: nothingPushed, peer: { agent: true } };
const handingOver = exampleSession(configuration, hq, { lane: 'h0', peer: { agent: true } });

/** Another prefix behind HQ or Branch. */
function withPrefix(prefix: string, owner = hq, from = configuration): GatewayConfiguration {
  const connector = from.endpoints[owner];
  assert.ok(connector?.kind === 'connector' && connector.network !== null);
  return { ...from, revision: 2, prefixes: { ...from.prefixes, [prefix]: { network: connector.network } } };
}

function changed(id: typeof hq, changes: object, from = configuration): GatewayConfiguration {
  return { ...from, endpoints: { ...from.endpoints, [id]: { ...endpointOf(id), ...changes } } };
}

function withDns(...dnsServers: string[]): GatewayConfiguration {
  return { ...configuration, gateway: { ...configuration.gateway, dnsServers: dnsServers as AddressText[] } };
}

const { u0: _u0, ...lanesWithoutU0 } = configuration.lanes;

/** Bob with all internet traffic in the tunnel, as that was before. */
const off = changed(bob, { internet: { kind: 'tunnel', class: 'e1', bypass: ['172.16.0.0/12'] } });
const bobsOff = { ...bobs, pushed: pushedTo(off, endpointIn(off, bob)) };

function endpointIn(from: GatewayConfiguration, id: typeof hq) {
  const endpoint = from.endpoints[id];
  assert.ok(endpoint !== undefined);
  return endpoint;
}

const restart = (reason: 'routes-changed' | 'internet-changed' | 'dns-changed' | 'prefixes-changed'): SessionFate => ({
  kind: 'restart',
  reason,
  when: 'now',
});

const mac = '02:42:ac:11:00:02';
const bobsHere: Session = { ...bobs, peer: { ...bobs.peer, machine: mac.toUpperCase() } };
const ofAnother = { machine: { kind: 'bound', machine: '02:42:ac:11:00:03' } };
const cut = (reason: MachineRefusal): SessionFate => ({ kind: 'cut', reason, how: 'RESTART' });

const cases: readonly (readonly [string, GatewayConfiguration, Session, SessionFate])[] = [
  ['nothing changed', configuration, bobs, { kind: 'keep' }],
  ['the same in another revision', { ...configuration, revision: 2 }, bobs, { kind: 'keep' }],
  ['its certificate is gone', { ...configuration, certificates: {} }, bobs, { kind: 'cut', reason: 'revoked', how: 'HALT' }],
  ['its endpoint is gone', { ...configuration, endpoints: {} }, bobs, { kind: 'cut', reason: 'revoked', how: 'HALT' }],
  ['it is suspended', changed(bob, { admission: 'suspended' }), bobs, { kind: 'cut', reason: 'suspended', how: 'RESTART' }],
  ['any machine that says its name may learn', changed(bob, { machine: { kind: 'learn' } }), bobsHere, { kind: 'keep' }],
  ['it belongs to the machine it is on', changed(bob, { machine: { kind: 'bound', machine: mac } }), bobsHere, { kind: 'keep' }],
  ['it belongs to another machine', changed(bob, ofAnother), bobsHere, cut('machine-other')],
  ['it does not say where it runs', changed(bob, { machine: { kind: 'learn' } }), bobs, cut('machine-unnamed')],
  ['no machine is known', changed(bob, { machine: { kind: 'bound', machine: null } }), bobsHere, cut('machine-none-known')],
  ['where it runs is not known to the agent', changed(bob, ofAnother), { ...bobs, found: true }, { kind: 'keep' }],
  [
    'it has another address',
    changed(bob, { address: '100.96.16.99' }),
    bobs,
    { kind: 'cut', reason: 'address-changed', how: 'RESTART' },
  ],
  [
    'its lane is gone',
    { ...configuration, lanes: lanesWithoutU0 },
    bobs,
    { kind: 'cut', reason: 'lane-removed', how: 'RESTART' },
  ],
  [
    'its lane is another connector’s now',
    { ...configuration, lanes: { ...configuration.lanes, c0: { ...configuration.lanes.c1, owner: branch.slice(10) } as never } },
    hqs,
    { kind: 'cut', reason: 'lane-removed', how: 'RESTART' },
  ],
  [
    'a network is added: a client without agent must learn the route',
    withPrefix('10.77.0.0/16'),
    bobs,
    restart('routes-changed'),
  ],
  ['a network is added that an earlier route covers', withPrefix('10.0.32.0/24'), bobs, { kind: 'keep' }],
  ['a network is removed: a route too much does no harm', { ...configuration, prefixes: {} }, bobs, { kind: 'keep' }],
  [
    'a public prefix is removed: it is reached by the local line again',
    configuration,
    { ...bobs, pushed: pushedTo(withPrefix('198.51.100.0/24'), endpointOf(bob)) },
    restart('routes-changed'),
  ],
  [
    'a network is added elsewhere: our agent is told by the controller',
    withPrefix('10.77.0.0/16', branch),
    hqs,
    { kind: 'keep' },
  ],
  ['a network is added behind a connector on its own lane', withPrefix('10.77.0.0/16'), hqs, { kind: 'keep' }],
  ['a network is added behind a connector that is handing over', withPrefix('10.77.0.0/16'), handingOver, { kind: 'keep' }],
  ['a network is added behind a connector on a shared lane', withPrefix('10.77.0.0/16'), shared, restart('prefixes-changed')],
  [
    'a network is added behind a connector without a lane of its own whose agent is asked to hand over',
    withPrefix('10.77.0.0/16', hq, changed(hq, { lane: null })),
    sharedWithAgent,
    { kind: 'restart', reason: 'prefixes-changed', when: 'unless-handed-over' },
  ],
  [
    'a network is added behind a connector with an agent that cannot reach its own lane',
    withPrefix('10.77.0.0/16'),
    sharedWithAgent,
    restart('prefixes-changed'),
  ],
  ['what a client was told is not known', withPrefix('10.77.0.0/16'), { ...bobs, pushed: null }, { kind: 'keep' }],
  ['its internet traffic goes into the tunnel now', off, bobs, restart('internet-changed')],
  ['and by the local line again', configuration, bobsOff, restart('internet-changed')],
  [
    'another internet gateway: it sends the same into its tunnel',
    changed(bob, { internet: { kind: 'tunnel', class: 'e7', bypass: ['172.16.0.0/12'] } }),
    bobsOff,
    { kind: 'keep' },
  ],
  [
    'something more goes by the local line',
    changed(bob, { internet: { kind: 'tunnel', class: 'e1', bypass: ['172.16.0.0/12', '198.51.100.0/24'] } }),
    bobsOff,
    restart('internet-changed'),
  ],
  ['a network is added while everything goes into the tunnel', withPrefix('10.77.0.0/16', hq, off), bobsOff, { kind: 'keep' }],
  [
    'a network is added where the bypass would take its packets',
    withPrefix('172.20.0.0/16', hq, off),
    bobsOff,
    restart('routes-changed'),
  ],
  ['another resolver', withDns('10.0.0.53'), bobs, restart('dns-changed')],
  ['another resolver, for a connector that runs our agent', withDns('10.0.0.53'), hqs, { kind: 'keep' }],
  [
    'the internet traffic of its network goes into the tunnel: our agent is told by the controller',
    changed(hq, { internet: { kind: 'tunnel', class: 'e1', bypass: [] } }),
    hqs,
    { kind: 'keep' },
  ],
  [
    'a client that takes updates is not restarted',
    withPrefix('10.77.0.0/16'),
    { ...bobs, peer: { pushUpdate: true } },
    {
      kind: 'update',
      reason: 'routes-changed',
      pushed: {
        routes: ['10.0.0.0/18', '10.77.0.0/16', '100.96.0.0/11', '192.168.0.0/22'] as PrefixText[],
        internet: 'local',
        bypass: [],
        dns: [],
      },
    },
  ],
];

describe('sessionFate', () => {
  for (const [name, next, session, expected] of cases)
    it(name, () =>
      assert.deepEqual(
        sessionFate(next, session, () => []),
        expected,
      ),
    );

  it('leaves a connector alone that lacks what another one holds on the shared lane', () => {
    const next = withPrefix('10.77.0.0/16');
    const holder = exampleSession(configuration, branch, { lane: 't0', owns: ['10.77.0.0/16' as PrefixText] });
    const told = { ...shared, pushed: null };
    assert.deepEqual(
      sessionFate(next, told, () => [told, holder]),
      { kind: 'keep' },
    );
    assert.deepEqual(
      sessionFate(next, told, () => [told]),
      restart('prefixes-changed'),
    );
  });
});
