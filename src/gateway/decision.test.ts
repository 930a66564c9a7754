import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Endpoint, GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId, Serial } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { LaneId } from '../core/lanes.ts';
import type { AskingMeans } from './authentication/means.ts';
import type { Decision } from './decision.ts';
import { admittedAgain, decide } from './decision.ts';
import type { Session } from './session.ts';
import { endpointNamed, exampleConfiguration, exampleSession, serialOf } from './testing/example.ts';

const configuration = exampleConfiguration(2, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const branch = endpointNamed(configuration, 'connector', 1);
const bob = endpointNamed(configuration, 'device', 0);

const now = 1_000_000;
const aliveMs = 12_000;

type Case = {
  readonly configuration?: GatewayConfiguration | null;
  readonly sessions?: readonly Session[];
  readonly endpoint?: EndpointId;
  readonly serial?: Serial | null;
  readonly lane?: LaneId;
  readonly from?: string;
  readonly agent?: boolean;
  readonly machine?: string;
  readonly mayBecomeKnown?: boolean;
  readonly overstayed?: boolean;
  readonly means?: AskingMeans;
  readonly isProved?: boolean;
};

function decided({
  configuration: given = configuration,
  sessions = [],
  endpoint = bob,
  serial,
  lane = 'u0',
  from = '192.0.2.1',
  agent = false,
  machine,
  mayBecomeKnown = false,
  overstayed = false,
  means = { kind: 'none' },
  isProved = false,
}: Case): Decision {
  const view = {
    ofEndpoint: (id: EndpointId) => sessions.filter((session) => session.endpoint === id),
    onLane: (id: LaneId) => sessions.filter((session) => session.lane === id),
  };
  return decide(
    given,
    view,
    {
      lane,
      serial: serial === undefined ? serialOf(configuration, endpoint) : serial,
      clientAddress: from,
      peer: { ...(agent ? { agent } : {}), ...(machine === undefined ? {} : { machine }) },
      mayBecomeKnown: () => mayBecomeKnown,
      overstayed: () => overstayed,
      means,
      isProved: () => isProved,
    },
    now,
    aliveMs,
  );
}

/** The whole decision as text. */
function told(decision: Decision): string {
  switch (decision.kind) {
    case 'refuse':
      return `refuse ${decision.reason}: ${decision.clientText}`;
    case 'ask':
      return `ask by ${decision.means.kind}`;
    case 'accept':
      return `accept\n${decision.body.join('\n')}`;
  }
}

function withEndpoint(id: EndpointId, changes: object): GatewayConfiguration {
  const endpoint = configuration.endpoints[id];
  assert.ok(endpoint !== undefined);
  return { ...configuration, endpoints: { ...configuration.endpoints, [id]: { ...endpoint, ...changes } } };
}

const alive = { heardAt: now - 11_000, clientAddress: '192.0.2.1' };
const silent = { heardAt: now - 12_000, clientAddress: '192.0.2.1' };

const card = '52:54:00:12:34:56';
const handover = {
  endpoint: hq,
  lane: 'h0',
  agent: true,
  sessions: [exampleSession(configuration, hq, { ...alive, peer: { agent: true, machine: card } })],
} as const;

const cases: Record<string, { readonly given: Case; readonly expected: string }> = {
  'a device gets its address and the routes of all networks': {
    given: {},
    expected: [
      'accept',
      'ifconfig-push 100.96.16.1 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'push "route 10.0.0.0 255.255.192.0"',
      'push "route 192.168.0.0 255.255.252.0"',
    ].join('\n'),
  },
  'a connector on its own lane owns everything, and gets no route to its own network': {
    given: { endpoint: hq, lane: 'c0' },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.100 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 0.0.0.0 0.0.0.0',
      'push "route 192.168.0.0 255.255.252.0"',
    ].join('\n'),
  },
  'a connector that runs our agent is pushed no routes: the controller tells it': {
    given: { endpoint: hq, lane: 'c0', agent: true },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.100 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 0.0.0.0 0.0.0.0',
    ].join('\n'),
  },
  'a connector on the shared lane owns exactly its prefixes': {
    given: { endpoint: branch, lane: 't0' },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.101 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 192.168.0.0 255.255.252.0',
      'push "route 10.0.0.0 255.255.192.0"',
    ].join('\n'),
  },
  'a prefix that another connector holds on the shared lane stays with it': {
    given: {
      endpoint: branch,
      lane: 't0',
      sessions: [exampleSession(configuration, hq, { lane: 't0', owns: ['192.168.0.0/16' as PrefixText] })],
    },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.101 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'push "route 10.0.0.0 255.255.192.0"',
    ].join('\n'),
  },
  'an address of the second range gets a next hop of that range, and the first range as route': {
    given: {
      configuration: {
        ...withEndpoint(bob, { address: '10.200.0.9' as AddressText }),
        gateway: {
          ...configuration.gateway,
          tunnelRanges: [...configuration.gateway.tunnelRanges, '10.200.0.0/16' as PrefixText],
        },
      },
    },
    expected: [
      'accept',
      'ifconfig-push 10.200.0.9 255.255.0.0',
      'push "route-gateway 10.200.0.1"',
      'push "route 10.0.0.0 255.255.192.0"',
      'push "route 100.96.0.0 255.224.0.0"',
      'push "route 192.168.0.0 255.255.252.0"',
    ].join('\n'),
  },
  'a device whose internet traffic goes into the tunnel': {
    given: {
      configuration: {
        ...withEndpoint(bob, { internet: { kind: 'tunnel', class: 'e1', bypass: ['198.51.100.0/24'] } }),
        gateway: { ...configuration.gateway, dnsServers: ['10.0.0.53' as AddressText, '192.0.2.53' as AddressText] },
      },
    },
    expected: [
      'accept',
      'ifconfig-push 100.96.16.1 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'push "route 10.0.0.0 255.255.192.0"',
      'push "route 192.168.0.0 255.255.252.0"',
      'push "redirect-gateway def1"',
      'push "block-ipv6"',
      'push "route-ipv6 ::/3 fe80::1"',
      'push "route-ipv6 2000::/4 fe80::1"',
      'push "route-ipv6 3000::/4 fe80::1"',
      'push "route-ipv6 fc00::/7 fe80::1"',
      'push "route 198.51.100.0 255.255.255.0 net_gateway 1000"',
      'push "dhcp-option DNS 10.0.0.53"',
      'push "dhcp-option DNS 192.0.2.53"',
    ].join('\n'),
  },
  'a connector without our agent, of a network whose internet traffic goes into the tunnel: what is its own does not': {
    given: {
      endpoint: hq,
      lane: 'c0',
      configuration: withEndpoint(hq, { internet: { kind: 'tunnel', class: 'e1', bypass: [] } }),
    },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.100 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 0.0.0.0 0.0.0.0',
      'push "route 192.168.0.0 255.255.252.0"',
      'push "redirect-gateway def1"',
      'push "block-ipv6"',
      'push "route-ipv6 ::/3 fe80::1"',
      'push "route-ipv6 2000::/4 fe80::1"',
      'push "route-ipv6 3000::/4 fe80::1"',
      'push "route-ipv6 fc00::/7 fe80::1"',
      'push "route 10.0.0.0 255.255.192.0 net_gateway 1000"',
    ].join('\n'),
  },
  'a connector that runs our agent is told by the controller alone, whatever goes into the tunnel': {
    given: {
      endpoint: hq,
      lane: 'c0',
      agent: true,
      configuration: withEndpoint(hq, { internet: { kind: 'tunnel', class: 'e1', bypass: [] } }),
    },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.100 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 0.0.0.0 0.0.0.0',
    ].join('\n'),
  },
  'a connector that hands over owns everything on the lane that is kept free for that': {
    given: { endpoint: hq, lane: 'h0', agent: true, sessions: [exampleSession(configuration, hq, { lane: 'c0' })] },
    expected: [
      'accept',
      'ifconfig-push 100.96.0.100 255.224.0.0',
      'push "route-gateway 100.96.0.1"',
      'iroute 0.0.0.0 0.0.0.0',
    ].join('\n'),
  },
  'a connector that would hand over while another one does': {
    given: { endpoint: branch, lane: 'h0', sessions: [exampleSession(configuration, hq, { lane: 'h0' })] },
    expected: 'refuse handover-busy: TEMP[backoff 2]:another connector is handing over',
  },
  'a connector that would hand over while what another one left there is still connected': {
    given: { endpoint: branch, lane: 'h0', sessions: [exampleSession(configuration, hq, { lane: 'h0', state: 'superseded' })] },
    expected: 'refuse handover-busy: TEMP[backoff 2]:another connector is handing over',
  },
  'a connector that stayed too long on the hand-over lane and comes back': {
    given: { endpoint: hq, lane: 'h0', overstayed: true },
    expected: 'refuse handover-busy: TEMP[backoff 2]:another connector is handing over',
  },
  'a device on the hand-over lane': {
    given: { lane: 'h0' },
    expected: 'refuse lane-of-another: TEMP[backoff 1,advance remote]:this port belongs to another connector',
  },
  'no configuration yet': {
    given: { configuration: null },
    expected: 'refuse no-configuration: TEMP[backoff 3]:the gateway has no configuration yet',
  },
  'a serial that is nobody (any more)': {
    given: { serial: 'f'.repeat(32) as Serial },
    expected: 'refuse certificate-unknown: this profile is not valid any more',
  },
  'a serial that may be too new to be known': {
    given: { serial: 'f'.repeat(32) as Serial, mayBecomeKnown: true },
    expected: 'refuse certificate-not-known-yet: TEMP[backoff 1]:this profile is not known here yet',
  },
  'a certificate without a serial of ours': {
    given: { serial: null },
    expected: 'refuse certificate-unknown: this profile is not valid any more',
  },
  'a suspended endpoint': {
    given: { configuration: withEndpoint(bob, { admission: 'suspended' }) },
    expected: 'refuse endpoint-suspended: TEMP[backoff 3]:suspended by the administrator',
  },
  'an address that no range holds (any more)': {
    given: { configuration: withEndpoint(bob, { address: '10.200.0.9' as AddressText }) },
    expected: 'refuse address-outside: TEMP[backoff 3]:no tunnel range holds the address of this profile',
  },
  'a connector on the lane of another': {
    given: { endpoint: branch, lane: 'c0' },
    expected: 'refuse lane-of-another: TEMP[backoff 1,advance remote]:this port belongs to another connector',
  },
  'a device on the lane of a connector': {
    given: { lane: 'c0' },
    expected: 'refuse lane-of-another: TEMP[backoff 1,advance remote]:this port belongs to another connector',
  },
  'our agent on a second machine, on the hand-over lane too': {
    given: { ...handover, from: '192.0.2.9', machine: '52:54:00:65:43:21' },
    expected: 'refuse in-use-elsewhere: TEMP[backoff 3]:this profile is in use on another machine',
  },
  'our agent from another address, where neither says which machine it is': {
    given: { ...handover, sessions: [exampleSession(configuration, hq, { ...alive, peer: { agent: true } })], from: '192.0.2.9' },
    expected: 'refuse in-use-elsewhere: TEMP[backoff 3]:this profile is in use on another machine',
  },
  'a client without our agent that says the card of the first': {
    given: {
      sessions: [exampleSession(configuration, bob, { ...alive, peer: { machine: card } })],
      from: '192.0.2.9',
      machine: card,
    },
    expected: 'refuse in-use-elsewhere: TEMP[backoff 3]:this profile is in use on another machine',
  },
  'a second machine while the first is alive': {
    given: { sessions: [exampleSession(configuration, bob, alive)], from: '192.0.2.9' },
    expected: 'refuse in-use-elsewhere: TEMP[backoff 3]:this profile is in use on another machine',
  },
};

describe('decide', () => {
  for (const [name, { given, expected }] of Object.entries(cases)) {
    it(name, () => assert.equal(told(decided(given)), expected));
  }

  for (const [name, given, superseded] of [
    ['the same machine again, while the older session seems alive', { sessions: [exampleSession(configuration, bob, alive)] }, 1],
    [
      'another machine when the first is silent',
      { sessions: [exampleSession(configuration, bob, silent)], from: '192.0.2.9' },
      1,
    ],
    [
      'another machine when only a superseded session is left',
      { sessions: [exampleSession(configuration, bob, { ...alive, state: 'superseded' })], from: '192.0.2.9' },
      0,
    ],
    [
      'the second tunnel of a hand-over, to which a NAT gave another address',
      { ...handover, from: '192.0.2.9', machine: card },
      1,
    ],
    ['another endpoint is no rival', { sessions: [exampleSession(configuration, hq, alive)], from: '192.0.2.9' }, 0],
  ] as const) {
    it(`lets in: ${name}`, () => {
      const decision = decided(given);
      assert.equal(decision.kind, 'accept');
      assert.equal(decision.supersedes.length, superseded);
    });
  }

  it('lets a connector that hands over come back to the hand-over lane when its tunnel broke there', () => {
    const left = exampleSession(configuration, hq, { lane: 'h0' });
    assert.equal(decided({ endpoint: hq, lane: 'h0', sessions: [left] }).kind, 'accept');
  });

  it('needs the same configuration object to aggregate the routes once', () => {
    const first = decided({});
    const second = decided({ endpoint: endpointNamed(configuration, 'device', 1) });
    assert.ok(first.kind === 'accept' && second.kind === 'accept');
    assert.equal(first.pushed.routes, second.pushed.routes);
  });
});

describe('the machine that a profile belongs to', () => {
  const mac = '02:42:ac:11:00:02';
  const bound = withEndpoint(bob, { machine: { kind: 'bound', machine: mac } });
  const learning = withEndpoint(bob, { machine: { kind: 'learn' } });
  const unknown = withEndpoint(bob, { machine: { kind: 'bound', machine: null } });
  const page: AskingMeans = { kind: 'page', text: 'WEB_AUTH::' };
  for (const [name, given, expected] of [
    ['itself', { configuration: bound, machine: mac.toUpperCase() }, /^accept/],
    [
      'another one',
      { configuration: bound, machine: '02:42:ac:11:00:03' },
      /^refuse machine-other: this profile belongs to another machine/,
    ],
    ['one without a name', { configuration: bound }, /^refuse machine-unnamed: this client does not say/],
    ['the first one', { configuration: learning, machine: mac }, /^accept/],
    ['a first one without a name', { configuration: learning }, /^refuse machine-unnamed/],
    ['one where none is known', { configuration: unknown, machine: mac }, /^refuse machine-none-known/],
  ] satisfies [string, Case, RegExp][]) {
    it(name, () => assert.match(told(decided(given)), expected));
  }

  it('is looked at before its person is asked anything', () => {
    const asking = { ...bound.endpoints[bob], authentication: { kind: 'every-time' } } as Endpoint;
    const both = { ...bound, endpoints: { ...bound.endpoints, [bob]: asking } };
    assert.match(told(decided({ configuration: both, machine: 'other', means: page })), /^refuse machine-other/);
    assert.equal(told(decided({ configuration: both, machine: mac, means: page })), 'ask by page');
  });

  it('is looked at again when keys are renewed', () => {
    const session = exampleSession(configuration, bob);
    assert.equal(admittedAgain(bound, session, { machine: mac }), true);
    assert.equal(admittedAgain(bound, session, { machine: 'other' }), false);
  });
});

describe('admittedAgain', () => {
  const session = exampleSession(configuration, bob);
  for (const [name, given, expected] of [
    ['as it was', configuration, true],
    ['no configuration', null, true],
    ['suspended', withEndpoint(bob, { admission: 'suspended' }), false],
    ['another address', withEndpoint(bob, { address: '100.96.16.77' }), false],
    ['certificate revoked', { ...configuration, certificates: {} }, false],
    ['endpoint deleted', { ...configuration, endpoints: {} }, false],
  ] as const) {
    it(name, () => assert.equal(admittedAgain(given, session, {}), expected));
  }
});

describe('whom a group wants to prove who they are', () => {
  const everyTime = withEndpoint(bob, { authentication: { kind: 'every-time' } });
  const prior = (until: number | null) => withEndpoint(bob, { authentication: { kind: 'prior', until } });
  const page: AskingMeans = { kind: 'page', text: 'WEB_AUTH::' };
  const password: AskingMeans = { kind: 'password', credentials: { username: 'bob', password: 'secret' } };
  const session = (changes: Partial<Session>) => exampleSession(everyTime, bob, { ...alive, ...changes });

  for (const [name, given, outcome] of [
    ['is asked by a page', { configuration: everyTime, means: page }, 'ask by page'],
    ['is asked for what the password proves', { configuration: everyTime, means: password }, 'ask by password'],
    [
      'is told what to do where there is no way',
      { configuration: everyTime },
      'refuse authentication-impossible: your group signs',
    ],
    [
      'comes again where its words were lost',
      { configuration: everyTime, means: { kind: 'unknown' } },
      'refuse authentication-again: TEMP[backoff 1]',
    ],
    ['is let in when it is proved', { configuration: everyTime, isProved: true }, 'accept'],
    ['is let in without proof where none is wanted', { means: password }, 'accept'],
    ['is asked when it never was', { configuration: prior(null), means: page }, 'ask by page'],
    ['is not asked within its time', { configuration: prior(now + 1), means: page }, 'accept'],
    ['is asked after its time', { configuration: prior(now), means: page }, 'ask by page'],
    [
      'goes on from its own tunnel on another lane, also after its time',
      { configuration: prior(now), means: page, lane: 'u1', sessions: [session({ authenticated: true })] },
      'accept',
    ],
    [
      'is asked where its own tunnel was let in without',
      { configuration: everyTime, means: page, sessions: [session({})] },
      'ask by page',
    ],
    [
      'is asked on another machine, which takes over from a silent one',
      { configuration: everyTime, means: page, from: '192.0.2.9', sessions: [session({ ...silent, authenticated: true })] },
      'ask by page',
    ],
    [
      'is not asked before it is held off, so that nobody proves anything in vain',
      { configuration: everyTime, means: page, from: '192.0.2.9', sessions: [session({ authenticated: true })] },
      'refuse in-use-elsewhere',
    ],
    [
      'is not asked while it is suspended',
      { configuration: withEndpoint(bob, { admission: 'suspended', authentication: { kind: 'every-time' } }), means: page },
      'refuse endpoint-suspended',
    ],
    ['is never a connector', { endpoint: hq, lane: 'c0' }, 'accept'],
  ] as const satisfies readonly (readonly [string, Case, string])[])
    it(name, () => assert.ok(told(decided(given)).startsWith(outcome), told(decided(given))));

  it('remembers who proved it, and nobody of whom it was not wanted', () => {
    const authenticated = (given: Case) => {
      const decision = decided(given);
      return decision.kind === 'accept' && decision.authenticated;
    };
    assert.equal(authenticated({ configuration: everyTime, isProved: true }), true);
    assert.equal(authenticated({ configuration: prior(now + 1) }), true);
    assert.equal(authenticated({ isProved: true }), false);
  });
});
