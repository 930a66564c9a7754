import type { FailoverTimings } from '../core/failover/timings.ts';
import { defaultFailoverTimings } from '../core/failover/timings.ts';
import type { LaneTimings } from '../core/lane-openvpn.ts';
import { defaultLaneTimings } from '../core/lane-openvpn.ts';

/** GatewaySettings are the agent's times; all have defaults that suit a gateway, tests shorten them. */
export type GatewaySettings = {
  readonly lane: LaneTimings;
  /** When a connector that stands in for others fails, and when it is trusted again. */
  readonly failover: FailoverTimings;
  /** Seconds between byte counts of a client. */
  readonly bytecountSeconds: number;
  /** Milliseconds that a superseded session is left to close by itself: its end of the tunnel may be a hand-over that still drains. */
  readonly supersededMs: number;
  /** Milliseconds that our agent on a connector has to move to another tunnel by itself, before it is told to connect again. */
  readonly handoverMs: number;
  /** Milliseconds that a connector may stay on the hand-over lane, and for which it may not come back when it stayed longer. */
  readonly handoverStayMs: number;
  /** Milliseconds between passes of the reconciler when nothing is told to have changed. */
  readonly reconcileMs: number;
  /** Milliseconds between asking each daemon for its clients: what tells where a client that moved is. */
  readonly refreshMs: number;
  /** Milliseconds in which changes of sessions are collected for one report, and between reports of bytes. */
  readonly reportMs: number;
  readonly byteReportMs: number;
  /** Milliseconds before a lane that ended is started again, doubled each time up to the second number. */
  readonly restartMs: readonly [number, number];
  /** Milliseconds between asking whether the lanes' certificate is due, and of the CA that counts: it may be replaced because somebody else has its key. */
  readonly identityMs: number;
  /** Milliseconds before the stream is opened again, doubled each time up to the second number, with jitter. */
  readonly reconnectMs: readonly [number, number];
};

export const defaultSettings: GatewaySettings = {
  lane: defaultLaneTimings,
  failover: defaultFailoverTimings,
  bytecountSeconds: 2,
  supersededMs: 5_000,
  handoverMs: 30_000,
  handoverStayMs: 60_000,
  reconcileMs: 5_000,
  refreshMs: 15_000,
  reportMs: 100,
  byteReportMs: 10_000,
  restartMs: [100, 5_000],
  identityMs: 60_000,
  reconnectMs: [100, 10_000],
};

/**
 * silentMs is how long nothing was heard of a client whose session then ends because it fell silent, at least; one that says goodbye was heard
 * of more recently: a ping and a byte count before, and the daemon drops it 5 s after (scheduled_exit_interval; openvpn.md 3.3). The daemon gives
 * a silent one up after twice `restartSeconds`, which is far more.
 */
export function silentMs({ lane, bytecountSeconds }: GatewaySettings): number {
  return (lane.pingSeconds + bytecountSeconds + 6) * 1000;
}

/** aliveMs is how long after its last bytes a session counts as alive: two pings and a byte count, since clients are pinged both ways. */
export function aliveMs({ lane, bytecountSeconds }: GatewaySettings): number {
  return (2 * lane.pingSeconds + bytecountSeconds) * 1000;
}
