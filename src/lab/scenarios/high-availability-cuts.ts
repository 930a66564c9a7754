/** How a connector fails, and how HQ's operator follows with the route of the LAN. */
import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import { findProcess, processesOf } from '../processes.ts';
import { wpcRange } from '../shapes/connected-wpc.ts';
import type { Member, PairWpc } from '../shapes/connector-pair.ts';
import { laneOf } from '../shapes/connector-pair.ts';
import { headquarters } from '../shapes/site.ts';
import { pullPlug, putPlugBack } from '../world.ts';

/** Cut is one way to lose a connector. */
export type Cut = {
  readonly summary: string;
  /** The same in the words of a step. */
  readonly what: string;
  readonly inject: (wpc: PairWpc, member: Member) => Promise<void>;
  readonly mend: (wpc: PairWpc, member: Member) => Promise<void>;
};

export const linkCut: Cut = {
  summary: "the connector's cable is pulled while everything on it runs on; the default",
  what: "the cable of the connector that carries Bob's ping is pulled",
  inject: ({ hq }, { machine }) => pullPlug(machine, hq.lan),
  mend: ({ hq }, { machine }) => putPlugBack(machine, hq.lan),
};

/** The agent starts an openvpn that ended within half a second, before anybody notices: here it must not. */
async function signalAgent(machine: Host, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  for (const { pid, command } of await processesOf(machine)) if (command.endsWith('agent.sh run')) process.kill(pid, signal);
}

export const cuts = {
  'LINK-CUT': linkCut,
  'PROCESS-KILL': {
    summary: "the connector's openvpn is killed instead, and its agent kept from starting it again",
    what: "openvpn of the connector that carries Bob's ping is killed",
    inject: async (_wpc, { machine }) => {
      await signalAgent(machine, 'SIGSTOP');
      process.kill((await findProcess(machine, /^openvpn /)).pid, 'SIGKILL');
    },
    mend: (_wpc, { machine }) => signalAgent(machine, 'SIGCONT'),
  },
  'LANE-KILL': {
    summary: "openvpn of the connector's lane at the gateway is killed instead",
    what: "openvpn of the lane that carries Bob's ping is killed at the gateway",
    inject: async (wpc, member) => {
      const name = (await laneOf(wpc, member))?.split('-')[1] ?? 'none';
      process.kill((await findProcess(wpc.region.host, new RegExp(String.raw`openvpn .*/${name}\.conf`))).pid, 'SIGKILL');
    },
    // Its supervisor has started it again: nothing to mend.
    mend: async () => undefined,
  },
} satisfies Record<string, Cut>;

/** RouteFollower is HQ's operator, who points the LAN's route for the WPC to whoever serves. */
export type RouteFollower = AsyncDisposable & {
  /** Waits until the LAN's route is where the gateway's is. */
  readonly settled: () => Promise<void>;
};

/**
 * followRoutes does by hand what a cloud's API or VRRP would do where a site is routed: looks who serves, and moves the route. With NAT
 * there is nothing to follow.
 */
export function followRoutes(wpc: PairWpc): RouteFollower {
  const { nat, gateway, hq, members } = wpc;
  if (nat === 'masquerade') return { settled: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  let at: string | undefined;
  const wanted = async () => {
    const device = await gateway.deviceOf(headquarters.server);
    const lanes = await Promise.all(members.map((member) => laneOf(wpc, member)));
    return device === undefined ? undefined : members[lanes.indexOf(device)]?.lan;
  };
  const end = new AbortController();
  const following = follow(end.signal, async () => {
    const lan = await wanted();
    if (lan === undefined || lan === at) return;
    await hq.router.ip(`route replace ${wpcRange} via ${lan}`);
    at = lan;
  });
  return {
    settled: async () => {
      await awaitCondition("HQ's route is where the gateway's is", async () => ((await wanted()) === at ? true : undefined));
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await following;
    },
  };
}

/** Looks again every 20 ms until it is told to end. */
async function follow(end: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!end.aborted) {
    await look();
    await delay(20);
  }
}
