/** How a connector fails, and how HQ's operator follows with the route of the LAN. */
import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../await-condition.ts';
import { findProcess } from '../processes.ts';
import { wpcRange } from '../shapes/connected-wpc.ts';
import type { Member, PairWpc } from '../shapes/connector-pair.ts';
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

/** Who started a process that is killed starts it again: nothing to mend. */
const comesBack = async (): Promise<void> => undefined;

export const cuts = {
  'LINK-CUT': linkCut,
  'PROCESS-KILL': {
    summary: "the connector's openvpn is killed instead",
    what: "openvpn of the connector that carries Bob's ping is killed",
    inject: async (_wpc, { machine }) => {
      process.kill((await findProcess(machine, /^openvpn /)).pid, 'SIGKILL');
    },
    mend: comesBack,
  },
  'LANE-KILL': {
    summary: "openvpn of the connector's lane at the gateway is killed instead",
    what: "openvpn of the lane that carries Bob's ping is killed at the gateway",
    inject: async ({ region }, { lane }) => {
      const name = lane.slice(lane.indexOf('-') + 1);
      process.kill((await findProcess(region.host, new RegExp(String.raw`openvpn .*/${name}\.conf`))).pid, 'SIGKILL');
    },
    mend: comesBack,
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
export function followRoutes({ nat, gateway, hq, members }: PairWpc): RouteFollower {
  if (nat === 'masquerade') return { settled: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  let at: string | undefined;
  const wanted = async () => {
    const device = await gateway.deviceOf(headquarters.server);
    return members.find(({ lane }) => lane === device)?.lan;
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
