import type { AgentToKeeper, KeeperToAgent } from '../contract/lane-keeper.ts';
import { isPing, pong } from '../contract/supervisor-control.ts';

/** LaneState is what the keeper says of a daemon. */
export type LaneState = Extract<KeeperToAgent, { readonly kind: 'lane-state' }>;

/**
 * LaneKeeper is who starts and stops the daemons for the agent: the supervisor, over the IPC channel (src/contract/lane-keeper.ts).
 * The seam exists because a process boundary is behind it.
 */
export type LaneKeeper = {
  send(message: AgentToKeeper): void;
  /** Only one listener: the agent. */
  onMessage(listener: (message: KeeperToAgent) => void): void;
};

/** ipcLaneKeeper speaks over this process's IPC channel. Throws if the process was not started with one. */
export function ipcLaneKeeper(): LaneKeeper {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('the gateway agent has no IPC channel; it is started by the supervisor (causeway up)');
  return {
    send: (message) => void send(message),
    onMessage: (listener) => {
      process.on('message', (message) => {
        if (isPing(message)) send(pong);
        else if (isKeeperMessage(message)) listener(message);
      });
    },
  };
}

const keeperMessages = ['start', 'lane-state', 'lane-list-end', 'device-settings-done', 'machine-settings'];

/** The supervisor is root and trusted; the check is against a version that says something this agent does not know. */
function isKeeperMessage(message: unknown): message is KeeperToAgent {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && keeperMessages.includes(message.kind);
}

/** daemonName names a daemon for ever: its start and its process. */
export function daemonName(state: { readonly pid: number; readonly startedAt: number }): string {
  return `${String(state.startedAt)}.${String(state.pid)}`;
}
