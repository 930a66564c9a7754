import type { Log } from './log.ts';
import { runProgram } from './run-program.ts';

/** What systemd is told (sd_notify(3)): of variable and value. */
export type Assignment = `${'READY' | 'STOPPING' | 'WATCHDOG'}=1` | `STATUS=${string}` | `EXTEND_TIMEOUT_USEC=${number}`;

/** ServiceNotifier tells the service manager how we are; where there is none, nobody. */
export type ServiceNotifier = {
  readonly tell: (...assignments: readonly Assignment[]) => Promise<void>;
  /** In which time it wants to hear of us at the latest, in milliseconds; undefined where it does not watch. */
  readonly watchdogMs: number | undefined;
};

/**
 * serviceNotifier speaks through the program systemd-notify: Node has no datagram sockets of unix. It sends in our name (its parent's pid), so
 * that the unit can refuse messages of all other processes (NotifyAccess=main). 5 ms of a process each time, which is every 15 s.
 */
export function serviceNotifier(environment: NodeJS.ProcessEnv, log: Log): ServiceNotifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdog } = environment;
  if (socket === undefined || socket === '') return { tell: () => Promise.resolve(), watchdogMs: undefined };
  const microseconds = Number(watchdog);
  return {
    watchdogMs: microseconds > 0 ? microseconds / 1000 : undefined,
    tell: async (...assignments) => {
      const { code, stderr } = await runProgram('systemd-notify', assignments, { NOTIFY_SOCKET: socket });
      if (code !== 0) log.warn('could not tell systemd', { what: assignments.join(' '), error: stderr.trim() });
    },
  };
}
