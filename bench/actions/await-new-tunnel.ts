import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { findProcess } from '../../src/lab/processes.ts';
import { handoverLane, lanePort } from '../../src/core/lanes.ts';

/** The tunnel of a connector with our agent. */
export const tunnelProcess = /^openvpn .*\/causeway\d\.conf/;

/** Of an installation in the lab. */
const vpnPort = 1194;

/**
 * awaitNewTunnel runs what makes a connector take a new tunnel, and waits until that is there and the old one is gone. The tunnel by the
 * hand-over lane is not the last one.
 */
export async function awaitNewTunnel(machine: Host, cause: () => Promise<void>): Promise<void> {
  // Another hand-over may still be under way, for a change before this one.
  const { pid } = await awaitCondition(`one openvpn alone on ${machine.name}`, () => findProcess(machine, tunnelProcess));
  await cause();
  await awaitCondition(
    `another openvpn alone on ${machine.name}`,
    async () => {
      const now = await findProcess(machine, tunnelProcess);
      if (now.pid === pid) return undefined;
      const configuration = await machine.must(['cat', now.command.slice(now.command.lastIndexOf(' ') + 1)]);
      return new RegExp(`^remote \\S+ ${lanePort(handoverLane, vpnPort)}\\b`, 'm').test(configuration) ? undefined : true;
    },
    { withinMs: 120_000, everyMs: 50 },
  );
}
