import { z } from 'zod';
import { chooseInternetAccess, markAsInternetGateway } from '../../actions/internet-access.ts';
import { awaitCondition } from '../../await-condition.ts';
import { internetServiceAddress } from '../../shapes/internet.ts';
import { hideSources } from '../../shapes/nat-router.ts';
import { headquarters } from '../../shapes/site.ts';
import { tcp } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { forward } from '../fault.ts';
import { innerLan } from '../inner-lan.ts';
import type { Standing } from '../standing.ts';
import { tunnelDevice } from '../tunnel-device.ts';

const toTheInternet = tcp('bob', internetServiceAddress);

/** Faults of what is configured in Causeway, and of internet access. */
export const overlayFaults = {
  'CLI-NO-ROUTE-NO-NETWORK': {
    code: 'CLI-NO-ROUTE',
    summary: "no network has HQ's inner LAN any more, so that nobody is given a route for it",
    mode: 'masquerade',
    flow: tcp('bob', innerLan.server),
    inject: takeInnerLan,
    mend: giveInnerLan,
    expect: forward('device'),
  },
  'POL-DENY': {
    code: 'POL-DENY',
    summary: "Bob's group may not use the internet",
    mode: 'internet',
    flow: toTheInternet,
    inject: async ({ administrator, group }) => {
      await chooseInternetAccess(administrator, group, { internetAccess: 'RESTRICTED_INTERNET' });
    },
    mend: async ({ administrator, group }) => {
      await chooseInternetAccess(administrator, group, { internetAccess: 'SPLIT_TUNNEL_OFF' });
    },
    expect: forward('gateway', 'not-permitted'),
  },
  'IG-NOT-SET': {
    code: 'IG-NOT-SET',
    summary: "Bob's traffic for the internet goes into the tunnel, and no network is an internet gateway",
    mode: 'internet',
    flow: toTheInternet,
    inject: async ({ administrator, networks }) => {
      await markAsInternetGateway(administrator, networks.hq.id, false);
    },
    mend: async ({ administrator, networks }) => {
      await markAsInternetGateway(administrator, networks.hq.id, true);
    },
    expect: forward('gateway'),
  },
  'NAT-EDGE-SCOPE': {
    code: 'NAT-EDGE-SCOPE',
    summary: "HQ's router hides its own LAN behind its public address, and not tunnel addresses",
    mode: 'internet',
    flow: toTheInternet,
    inject: ({ hq }) => hideSources(hq.router, [headquarters.prefix]),
    mend: ({ hq }) => hideSources(hq.router, [headquarters.prefix, '100.96.0.0/11']),
    statement: {
      of: 'hq',
      lan: {
        router: { platform: null, routes: null, stateful: null, redirects: null, natSources: [headquarters.prefix] },
        servers: [],
      },
    },
    expect: forward('router'),
  },
  'EGRESS-LOOP': {
    code: 'EGRESS-LOOP',
    summary: "HQ's connector sends its own internet traffic into the tunnel, and with it that of others",
    mode: 'internet',
    flow: toTheInternet,
    inject: async ({ hq, region }) => {
      const device = await tunnelDevice(hq.connector);
      await hq.connector.ip(
        `route replace ${region.address}/32 via ${headquarters.router}`,
        `route replace 0.0.0.0/1 dev ${device}`,
        `route replace 128.0.0.0/1 dev ${device}`,
      );
    },
    mend: ({ hq, region }) =>
      hq.connector.ip('route flush exact 0.0.0.0/1', 'route flush exact 128.0.0.0/1', `route flush exact ${region.address}/32`),
    expect: forward('connector'),
    agent: 'reports it, and deletes routes with its own protocol number only',
  },
} as const satisfies Record<string, ConformanceFault>;

const routeList = z.object({ content: z.array(z.object({ id: z.string(), subnet: z.string() })) });

async function takeInnerLan({ administrator, networks, gateway }: Standing): Promise<void> {
  const path = `/api/v1/networks/routes?networkId=${networks.hq.id}&page=0&size=100`;
  const { content } = await administrator.must(routeList, 'GET', path);
  const route = content.find(({ subnet }) => subnet === innerLan.prefix);
  if (route === undefined) return;
  await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/routes/${route.id}?networkId=${networks.hq.id}`);
  await awaitCondition('the gateway does not route it', async () =>
    (await gateway.deviceOf(innerLan.server)) === undefined ? true : undefined,
  );
}

async function giveInnerLan({ administrator, networks, gateway }: Standing): Promise<void> {
  const answer = await administrator.call('POST', `/api/v1/networks/routes?networkId=${networks.hq.id}`, {
    value: innerLan.prefix,
  });
  // Refused with 400 where a fix has added it already.
  if (answer.status !== 400 && answer.status > 299) throw new Error(`adding ${innerLan.prefix}: ${answer.status} ${answer.body}`);
  await gateway.awaitDeviceOf(innerLan.server);
}
