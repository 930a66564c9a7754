import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { pushedTo } from './pushed.ts';
import type { Session } from './session.ts';
import type { SessionFate } from './session-fate.ts';
import { sessionFate } from './session-fate.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';

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
const hqs = exampleSession(configuration, hq, { pushed: pushedTo(configuration, endpointOf(hq)), peer: { agent: true } });
const shared = exampleSession(configuration, hq, { lane: 't0', owns: ['10.0.0.0/18' as PrefixText], peer: { agent: true } });

function withPrefix(prefix: string, endpoint = hq): GatewayConfiguration {
  const network = configuration.prefixes['10.0.0.0/18' as PrefixText]?.network;
  assert.ok(network !== undefined);
  return { ...configuration, revision: 2, prefixes: { ...configuration.prefixes, [prefix]: { network, endpoints: [endpoint] } } };
}

function changed(id: typeof hq, changes: object): GatewayConfiguration {
  return { ...configuration, endpoints: { ...configuration.endpoints, [id]: { ...endpointOf(id), ...changes } } };
}

const { u0: _u0, ...lanesWithoutU0 } = configuration.lanes;

const cases: readonly (readonly [string, GatewayConfiguration, Session, SessionFate])[] = [
  ['nothing changed', configuration, bobs, { kind: 'keep' }],
  ['the same in another revision', { ...configuration, revision: 2 }, bobs, { kind: 'keep' }],
  ['its certificate is gone', { ...configuration, certificates: {} }, bobs, { kind: 'cut', reason: 'revoked', how: 'HALT' }],
  ['its endpoint is gone', { ...configuration, endpoints: {} }, bobs, { kind: 'cut', reason: 'revoked', how: 'HALT' }],
  ['it is suspended', changed(bob, { admission: 'suspended' }), bobs, { kind: 'cut', reason: 'suspended', how: 'RESTART' }],
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
    { kind: 'restart', reason: 'routes-changed' },
  ],
  ['a network is added that an earlier route covers', withPrefix('10.0.32.0/24'), bobs, { kind: 'keep' }],
  ['a network is removed: a route too much does no harm', { ...configuration, prefixes: {} }, bobs, { kind: 'keep' }],
  [
    'a network is added elsewhere: our agent is told by the controller',
    withPrefix('10.77.0.0/16', branch),
    hqs,
    { kind: 'keep' },
  ],
  ['a network is added behind a connector on its own lane', withPrefix('10.77.0.0/16'), hqs, { kind: 'keep' }],
  [
    'a network is added behind a connector on a shared lane',
    withPrefix('10.77.0.0/16'),
    shared,
    { kind: 'restart', reason: 'prefixes-changed' },
  ],
  ['what a client was told is not known', withPrefix('10.77.0.0/16'), { ...bobs, pushed: null }, { kind: 'keep' }],
];

describe('sessionFate', () => {
  for (const [name, next, session, expected] of cases) it(name, () => assert.deepEqual(sessionFate(next, session), expected));
});
