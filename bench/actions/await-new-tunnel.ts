import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { findProcess } from '../../src/lab/processes.ts';

/** The tunnel of a connector with our agent. */
export const tunnelProcess = /^openvpn .*\/causeway\d\.conf/;

/** awaitNewTunnel runs what makes a connector take a new tunnel, and waits until that is there and the old one is gone. */
export async function awaitNewTunnel(machine: Host, cause: () => Promise<void>): Promise<void> {
  const { pid } = await findProcess(machine, tunnelProcess);
  await cause();
  await awaitCondition(
    `another openvpn alone on ${machine.name}`,
    async () => ((await findProcess(machine, tunnelProcess)).pid === pid ? undefined : true),
    { withinMs: 60_000, everyMs: 50 },
  );
}
