import { backedUp } from '../contract/controller-start.ts';
import type { BackedUp, BackUpFirst, ControllerToSupervisor } from '../contract/controller-start.ts';

/** SupervisorLink is what the controller says to its supervisor over the IPC channel (contract/controller-start.ts). */
export type SupervisorLink = {
  readonly tell: (message: ControllerToSupervisor) => void;
  /** Asks for a backup and waits for it as long as it takes; rejects when `signal` is aborted, which the end of the channel does. */
  readonly backUp: (request: BackUpFirst, signal: AbortSignal) => Promise<BackedUp>;
};

/** openSupervisorLink speaks over this process's own channel. Without one there is nobody to tell, and the stop has already begun. */
export function openSupervisorLink(): SupervisorLink {
  const tell = (message: ControllerToSupervisor): void => {
    if (process.connected) process.send?.(message);
  };
  return { tell, backUp: async (request, signal) => await askForBackup(request, tell, signal) };
}

async function askForBackup(request: BackUpFirst, tell: SupervisorLink['tell'], signal: AbortSignal): Promise<BackedUp> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<BackedUp>();
  const receive = (message: unknown): void => {
    const answer = backedUp.safeParse(message);
    if (answer.success) resolve(answer.data);
  };
  const abort = (): void => reject(new Error('stopped while waiting for the backup before the migration'));
  process.on('message', receive);
  signal.addEventListener('abort', abort, { once: true });
  try {
    tell(request);
    return await promise;
  } finally {
    process.off('message', receive);
    signal.removeEventListener('abort', abort);
  }
}
