import { z } from 'zod';
import { awaitCondition } from '../../await-condition.ts';
import { clientDevice } from '../../shapes/connected-wpc.ts';
import { headquarters } from '../../shapes/site.ts';
import { ping, tcp } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { forward, reverse } from '../fault.ts';
import type { Standing } from '../standing.ts';
import { removeTable, tailscaleInput } from './nft-tables.ts';

const toHr = tcp('bob', headquarters.server);

const clientsReportNothing = 'stock clients say nothing of their routes, LANs and filters';

/** Faults of Bob's computer. */
export const clientFaults = {
  'CLI-OFFLINE': {
    code: 'CLI-OFFLINE',
    summary: "Bob's openvpn is not running",
    mode: 'masquerade',
    flow: toHr,
    inject: async (standing) => {
      await standing.bob.client.stop();
      await awaitOffline(standing);
    },
    mend: ({ bob }) => bob.client.start(),
    expect: forward('device'),
  },
  'CLI-NO-ROUTE': {
    code: 'CLI-NO-ROUTE',
    summary: "Bob's profile was changed by hand: it ignores the route to HQ",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ bob }) => bob.client.start('--pull-filter', 'ignore', 'route 10.0.0.0'),
    mend: ({ bob }) => bob.client.start(),
    expect: forward('device'),
    unseen: clientsReportNothing,
  },
  'CLI-LOCAL-OVERLAP': {
    code: 'CLI-LOCAL-OVERLAP',
    summary: "Bob's computer is on a LAN 10.0.0.0/24 as well, which HQ's 10.0.0.0/18 covers",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ bob }) => bob.computer.ip('addr add 10.0.0.99/24 dev lan0'),
    mend: ({ bob }) => bob.computer.ip('addr flush dev lan0 to 10.0.0.99/32'),
    expect: forward('device'),
    unseen: clientsReportNothing,
  },
  'CLI-RANGE-CLASH': {
    code: 'CLI-RANGE-CLASH',
    summary: `Bob's computer drops what comes from 100.64.0.0/10 by another device than tailscale0, as Tailscale's rule does: answers by ${clientDevice} too`,
    mode: 'masquerade',
    flow: ping('bob', '100.96.0.100'),
    inject: ({ bob }) => bob.computer.nft(tailscaleInput),
    mend: ({ bob }) => removeTable(bob.computer, 'ip tailscale'),
    expect: reverse('device'),
    unseen: clientsReportNothing,
  },
} as const satisfies Record<string, ConformanceFault>;

/** awaitOffline waits until the product itself has noticed that Bob has gone. */
async function awaitOffline({ administrator, bob: { device, user } }: Standing): Promise<void> {
  const path = `/api/v1/devices/${device.id}?userId=${user}`;
  await awaitCondition("Bob's device is OFFLINE", async () => {
    const { connectionStatus } = await administrator.must(z.object({ connectionStatus: z.string() }), 'GET', path);
    return connectionStatus === 'OFFLINE' ? true : undefined;
  });
}
