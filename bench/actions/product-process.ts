import { z } from 'zod';
import type { Administrator } from '../../src/lab/administrator.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { findProcess } from '../../src/lab/processes.ts';
import type { Region } from '../../src/lab/shapes/region.ts';

/** The parts of the product by their commands, as the supervisor starts them. */
export const productProcesses = {
  controller: /src\/controller\/main\.ts/,
  gatewayAgent: /src\/gateway\/main\.ts/,
} as const;

/** The openvpn of a gateway's lane. */
export function laneProcess(lane: string): RegExp {
  return new RegExp(`^\\S*openvpn .*/${lane}\\.conf`);
}

const details = z.object({ connectors: z.array(z.object({ id: z.string(), lane: z.string().nullable() })) });

/** killLaneOf kills the gateway's end of a connector's tunnel. */
export async function killLaneOf(
  region: Region,
  administrator: Administrator,
  network: string,
  connector: string,
): Promise<void> {
  const { connectors } = await administrator.must(details, 'GET', `/api/causeway/v1/networks/${network}`);
  const lane = connectors.find(({ id }) => id === connector)?.lane;
  if (lane === undefined || lane === null) throw new Error(`connector ${connector} has no lane of its own`);
  await killProcess(region, laneProcess(lane));
}

/** killProcess kills one process on the region's host and waits until the supervisor has put another in its place. */
export async function killProcess({ host }: Region, command: RegExp): Promise<void> {
  const { pid } = await findProcess(host, command);
  process.kill(pid, 'SIGKILL');
  await awaitCondition(
    `another process has the place of ${pid}`,
    async () => ((await findProcess(host, command)).pid === pid ? undefined : true),
    { everyMs: 20 },
  );
}
