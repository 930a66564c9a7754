/**
 * What the gateway's agent and the supervisor say to each other over the agent's IPC channel (JSON messages). The agent has no right to
 * start processes as another user, and the lanes must outlive it, so the supervisor keeps them. Every field is a typed word or number:
 * the supervisor renders the daemon's configuration itself (src/core/lane-openvpn.ts), so a taken-over agent cannot make it run anything.
 *
 * Order: the agent makes the tun, asks for `device-settings`, then for `lane-start`. After its own restart it asks `lane-list` and gets
 * one `lane-state` for each lane that runs, then `lane-list-end`. `lane-start` of a running lane with the same fields changes nothing and
 * is answered with its state; with other fields the lane is stopped and started. A lane that exits by itself is not started again by the
 * supervisor: the agent asks (with its own backoff), because only it knows whether the lane is still wanted.
 */
import type { LaneDaemon } from '../core/lane-openvpn.ts';
import type { LaneId } from '../core/lanes.ts';

export type LaneStart = { readonly kind: 'lane-start' } & Omit<LaneDaemon, 'directory' | 'managementUser'>;

export type AgentToKeeper =
  | LaneStart
  | { readonly kind: 'lane-stop'; readonly lane: LaneId }
  /** Once per start of the agent: every lane of the configuration at hand runs and is attended. `up` says ready only then. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'lane-list' }
  /** Sets what a device of this installation needs and what the machine needs to forward, as root (src/supervisor/kernel-settings.ts). */
  | { readonly kind: 'device-settings'; readonly device: string };

/** AgentStart is the first message: who the agent is and where its things lie. Its token is the file `token` in `directory`. */
export type AgentStart = {
  readonly kind: 'start';
  /** Absolute path of DIR/gateway. */
  readonly directory: string;
  readonly installation: number;
  /** The user whom the tuns belong to, and whom the lanes run as. */
  readonly laneUser: string;
  readonly controller: { readonly socketPath: string } | { readonly url: string; readonly caFile: string };
};

export type KeeperToAgent =
  | AgentStart
  /** `startedAt` (milliseconds since 1970) names the daemon together with its pid: the same again after a restart of agent or supervisor. */
  | {
      readonly kind: 'lane-state';
      readonly lane: LaneId;
      readonly state: 'running';
      readonly pid: number;
      readonly startedAt: number;
    }
  | {
      readonly kind: 'lane-state';
      readonly lane: LaneId;
      readonly state: 'exited';
      readonly code: number | null;
      readonly logTail: string;
    }
  | { readonly kind: 'lane-list-end' }
  | { readonly kind: 'device-settings-done'; readonly device: string; readonly error?: string }
  /** From the first `device-settings` on, at each of them and when it changes. */
  | { readonly kind: 'machine-settings'; readonly problem: MachineProblem | null };

/** What of the machine's settings is not as packets need it. `forwarding-off`: none passes; `machine-settings`: some errors do not find back. */
export type MachineProblem = { readonly code: 'forwarding-off' | 'machine-settings'; readonly message: string };
