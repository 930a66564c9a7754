import type { Log } from './log.ts';

/**
 * outlastFaults keeps the supervisor alive where a fault is not its own: when whoever reads stdout or stderr has gone (`up | head -1`), and
 * when a child writes into its IPC channel what Node cannot read, which Node throws where nobody can catch it. A taken-over child must
 * not be able to end the other processes. Anything else that is thrown is a defect of ours: it is printed and ends the process, its
 * children with it; the lanes go on.
 */
export function outlastFaults(log: Log): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    if (isChannelFault(error)) {
      log.warn('a child sent what is no message; ignored', { error: error.message });
      return;
    }
    process.stderr.write(`${error.stack ?? String(error)}\n`);
    process.exit(1);
  });
}

/** Thrown by Node's reader of the channel (a SyntaxError of JSON.parse, or a TypeError for a handle of unknown type), without a frame of ours. */
function isChannelFault(error: Error): boolean {
  const stack = error.stack ?? '';
  return stack.includes('node:internal/child_process') && !stack.includes(import.meta.dirname);
}
