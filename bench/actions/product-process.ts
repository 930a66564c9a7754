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
