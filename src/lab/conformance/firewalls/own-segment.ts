import { wpcRange } from '../../shapes/connected-wpc.ts';
import { hideSources } from '../../shapes/nat-router.ts';
import { branch, headquarters } from '../../shapes/site.ts';
import { removeTable } from '../faults/nft-tables.ts';
import { routerIs } from '../fault.ts';
import { innerLan } from '../inner-lan.ts';
import type { Standing } from '../standing.ts';

/** The segment between HQ's router and its connector, which has nothing else on it. */
const segment = { prefix: '10.0.64.0/24', router: '10.0.64.1', connector: '10.0.64.10' } as const;

const beyond = [wpcRange, branch.prefix];

/** What an operator knows of that router. */
export const routerOfOwnSegment = routerIs('hq', {
  routes: [
    { destination: innerLan.prefix, nextHop: innerLan.router },
    ...beyond.map((destination) => ({ destination, nextHop: segment.connector })),
  ],
  stateful: true,
  redirects: false,
  natSources: [headquarters.prefix, segment.prefix],
});

/**
 * moveToOwnSegment takes HQ's connector off the LAN and puts it on a segment of its own behind HQ's router, whose firewall then sees both
 * directions of every flow and drops whatever belongs to none.
 */
export async function moveToOwnSegment({ world, hq: { router, connector } }: Standing): Promise<void> {
  await world.cable(
    { host: router, device: 'transit0', addresses: [`${segment.router}/24`] },
    { host: connector, device: 'transit0', addresses: [`${segment.connector}/24`] },
  );
  await hideSources(router, [headquarters.prefix, segment.prefix]);
  await connector.ip('addr flush dev lan0', 'link set lan0 down', `route add default via ${segment.router}`);
  await router.ip(...beyond.map((prefix) => `route replace ${prefix} via ${segment.connector}`));
  await router.nft(
    'table inet stateful { chain forward { type filter hook forward priority filter; policy accept; ct state invalid counter drop; }; }',
  );
}

export async function moveBackToLan({ hq: { router, connector } }: Standing): Promise<void> {
  await removeTable(router, 'inet stateful');
  await router.run(['ip', 'link', 'del', 'transit0']);
  await connector.ip(
    `addr replace ${headquarters.connector}/18 dev lan0`,
    'link set lan0 up',
    `route replace default via ${headquarters.router}`,
    `route replace ${innerLan.prefix} via ${innerLan.router}`,
  );
  await router.ip(...beyond.map((prefix) => `route replace ${prefix} via ${headquarters.connector}`));
  await hideSources(router, [headquarters.prefix]);
}
