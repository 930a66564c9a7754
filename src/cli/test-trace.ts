/** Traces made by hand, one for each verdict, for the tests of their text. */
import type { FindingAnswer, KeptTrace } from '../contract/api/trace.ts';

type Trace = KeptTrace['forward'];
type Hop = Trace['hops'][number];
type Step = Hop['steps'][number];

export const askedAt = '2026-01-31T12:00:00.000Z';
const seen = '2026-01-31T11:59:56.000Z';

export function step(stage: Step['stage'], result: Step['result'], detail: string, rest: Partial<Step> = {}): Step {
  return { stage, result, evidence: 'config', observedAt: null, quote: null, detail, packet: null, cause: null, ...rest };
}

export function hop(kind: Hop['node']['kind'], label: string, ...steps: Step[]): Hop {
  return { node: { kind, id: label, label }, in: null, out: null, steps, tutorial: [] };
}

const packet = (source: string, destination: string) => ({
  source,
  sourcePort: 49_152,
  destination,
  destinationPort: 443,
  protocol: 'tcp' as const,
});

const bob = hop(
  'device',
  'bob/laptop',
  step('originate', 'pass', 'it sends from its tunnel address'),
  step('client-route', 'pass', '10.0.0.0/18 is routed into the tunnel'),
);
const gateway = hop(
  'gateway',
  'gateway',
  step('access-policy', 'pass', 'the group Staff may, and 10.0.0.0/18 is behind hq-1'),
  step('overlay-route', 'pass', 'hq-1 has the network HQ Network'),
);
const routed = hop(
  'connector',
  'hq-1',
  step('forwarding', 'pass', 'it forwards from causeway0', { evidence: 'observed', observedAt: seen }),
  step('route', 'pass', '10.0.0.0/18 is on ens5', {
    evidence: 'observed',
    observedAt: seen,
    quote: '10.0.0.0/18 dev ens5 scope link',
  }),
);
const masquerading = hop(
  'connector',
  'hq-1',
  step('forwarding', 'pass', 'it forwards from causeway0', { evidence: 'observed', observedAt: seen }),
  step('nat', 'change', 'it puts its own address in place of the source', {
    evidence: 'observed',
    observedAt: seen,
    packet: packet('10.0.0.10', '10.0.0.20'),
  }),
);
const server = hop('host', '10.0.0.20', step('deliver', 'pass', 'somebody listens on TCP 443', { evidence: 'probed' }));

const router = { kind: 'router', id: '10.0.0.1', label: '10.0.0.1 (router of HQ Network)' } as const;

const noRoute: FindingAnswer = {
  code: 'RTR-NO-ROUTE',
  severity: 'error',
  title: 'The router 10.0.0.1 of HQ Network has no route to 100.96.0.0/11.',
  explanation:
    'Answers to people of the WPC go to the default router, which sends them to its provider. A probe from the tunnel address of hq-1 was not answered, one from its LAN address was.',
  object: router,
  direction: 'reverse',
  hop: router,
  origin: 'local',
  quote: 'Network is unreachable',
  hides: ['SITE-ROUTE-ONE-WAY'],
  hiddenBy: null,
  tutorial: ['RA-14', 'RA-15'],
  fixes: [
    {
      platform: 'mikrotik',
      title: 'A static route',
      where: 'on the router',
      commands: [
        '/ip route add dst-address=100.96.0.0/11 gateway=10.0.0.10 comment="a command that is longer than a line of text is, and stays whole"',
      ],
      console: [],
      terraform: null,
      undo: ['/ip route remove [find dst-address=100.96.0.0/11]'],
      risk: '',
      betterWhen: 'servers should see who comes, and reach people too',
      canApply: 'operator',
      action: null,
      verify: ['/ip route print where dst-address=100.96.0.0/11'],
      evidence: 'documented',
    },
    {
      platform: 'linux',
      title: 'Forget old flows',
      where: 'on the connector hq-1',
      commands: ['conntrack -F'],
      console: ['Open the page.'],
      terraform: null,
      undo: [],
      risk: 'running connections are tracked anew',
      betterWhen: '',
      canApply: 'agent',
      action: { kind: 'forget-flows' },
      verify: [],
      evidence: 'tested',
    },
  ],
};

const base: KeptTrace = {
  id: '7f3a0000-0000-4000-8000-000000000001',
  revision: 7,
  askedAt,
  askedBy: 'local root',
  asked: { source: 'bob', destination: '10.0.0.20', protocol: 'tcp', port: 443, probe: 'auto' },
  remarks: [],
  probes: [],
  request: {
    source: { kind: 'device', id: 'd', label: 'bob/laptop' },
    destination: { kind: 'server', id: '10.0.0.20', label: '10.0.0.20' },
    sourceAddress: '100.96.0.13',
    destinationAddress: '10.0.0.20',
    protocol: 'tcp',
    port: 443,
    bytes: 60,
    dontFragment: false,
  },
  verdict: 'works',
  confidence: 'proven',
  summary: 'bob/laptop to 10.0.0.20, TCP 443: works',
  forward: { ending: 'delivered', hops: [bob, gateway, masquerading, server] },
  sessions: [
    {
      node: { kind: 'connector', id: 'hq-1', label: 'hq-1' },
      original: packet('100.96.0.13', '10.0.0.20'),
      reply: { ...packet('10.0.0.20', '10.0.0.10'), sourcePort: 443, destinationPort: 49_152 },
    },
  ],
  reverse: {
    ending: 'delivered',
    hops: [
      hop('host', '10.0.0.20', step('reply-originate', 'pass', 'it answers on its LAN', { evidence: 'probed' })),
      hop(
        'connector',
        'hq-1',
        step('nat', 'change', 'the address of bob/laptop is put back', {
          packet: { ...packet('10.0.0.20', '100.96.0.13'), sourcePort: 443, destinationPort: 49_152 },
        }),
      ),
      hop('gateway', 'gateway', step('overlay-route', 'pass', 'bob/laptop is on lane u0')),
      hop('device', 'bob/laptop', step('deliver', 'pass', 'the device takes it')),
    ],
  },
  findings: [],
};

const ended = (label: Parameters<typeof hop>[0], name: string, last: Step) => hop(label, name, last);

/** One for each verdict. */
export const traces = {
  works: base,
  'broken-return': {
    ...base,
    verdict: 'broken-return',
    confidence: 'assumed',
    summary:
      'bob/laptop to 10.0.0.20, TCP 443: arrives, and the answer is lost at the router 10.0.0.1 (router of HQ Network): no route to 100.96.0.0/11',
    forward: { ending: 'delivered', hops: [bob, gateway, routed, server] },
    sessions: [],
    reverse: {
      ending: 'dropped',
      hops: [
        hop(
          'host',
          '10.0.0.20',
          step('reply-originate', 'assumed', 'its default route leads to 10.0.0.1', { evidence: 'assumed' }),
        ),
        {
          ...hop('router', router.label, step('route', 'drop', 'no route to 100.96.0.0/11', { evidence: 'probed' })),
          tutorial: ['RA-15'],
        },
      ],
    },
    findings: [noRoute, { ...noRoute, code: 'SITE-ROUTE-ONE-WAY', hides: [], hiddenBy: 'RTR-NO-ROUTE', title: 'One way.' }],
  },
  broken: {
    ...base,
    verdict: 'broken',
    summary: 'bob/laptop to 10.0.0.20, TCP 443: does not arrive; it ends at the connector hq-1: ip_forward is 0',
    forward: {
      ending: 'dropped',
      hops: [
        bob,
        gateway,
        ended(
          'connector',
          'hq-1',
          step('forwarding', 'drop', 'ip_forward is 0', {
            evidence: 'observed',
            observedAt: seen,
            quote: 'net.ipv4.ip_forward = 0',
          }),
        ),
      ],
    },
    sessions: [],
    reverse: null,
  },
  'not-permitted': {
    ...base,
    verdict: 'not-permitted',
    summary: 'bob/laptop to 10.0.0.20, TCP 443: is not permitted; the gateway gateway says: the user is suspended',
    forward: {
      ending: 'dropped',
      hops: [bob, ended('gateway', 'gateway', step('access-policy', 'drop', 'the user is suspended'))],
    },
    sessions: [],
    reverse: null,
  },
  intermittent: {
    ...base,
    verdict: 'intermittent',
    summary:
      'bob/laptop to 10.0.0.20, TCP 443: works only for a time; the answer is lost at the router 10.0.0.1: it saw half of the flow',
    forward: { ending: 'delivered', hops: [bob, gateway, routed, server] },
    sessions: [],
    reverse: {
      ending: 'dropped',
      hops: [
        hop('host', '10.0.0.20', step('reply-originate', 'pass', 'its default route leads to 10.0.0.1', { evidence: 'probed' })),
        ended('router', '10.0.0.1', step('session', 'drop', 'it saw half of the flow', { evidence: 'probed' })),
      ],
    },
  },
  unknown: {
    ...base,
    verdict: 'unknown',
    confidence: 'open',
    summary: 'bob/laptop to 10.0.0.20, TCP 443: cannot be decided; at the connector hq-1: its agent has reported nothing',
    forward: {
      ending: 'undetermined',
      hops: [
        bob,
        gateway,
        ended('connector', 'hq-1', step('route', 'unknown', 'its agent has reported nothing', { evidence: 'assumed' })),
      ],
    },
    sessions: [],
    reverse: null,
    remarks: ['10.0.0.20 stands for the network: it was stated'],
    probes: [{ connectorId: 'c', connectorName: 'hq-1', reason: 'It does not poll.', results: [] }],
  },
} as const satisfies Record<KeptTrace['verdict'], KeptTrace>;
