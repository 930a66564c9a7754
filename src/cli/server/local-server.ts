import { join } from 'node:path';
import { CliFailure, exitCodes } from '../failure.ts';
import { exchange } from './exchange.ts';
import type { Server } from './server.ts';

/** localSocket is where the controller of an installation answers; whoever may open it is "local root" to the controller. */
export function localSocket(dataDirectory: string): string {
  return join(dataDirectory, 'run', 'api.sock');
}

/** localServer is the controller of the installation in `dataDirectory`; no credential is sent. */
export function localServer(dataDirectory: string): Server {
  const socketPath = localSocket(dataDirectory);
  return {
    label: `the controller at ${socketPath}`,
    send: async (call) => {
      try {
        return await exchange({ socketPath }, call);
      } catch (error) {
        throw unreachable(socketPath, error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): CliFailure {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new CliFailure(
      exitCodes.unreachable,
      `only root may use ${socketPath}: run the command as root, on the controller's machine, or sign in once with: causeway login URL`,
      cause,
    );
  }
  if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTDIR') {
    return new CliFailure(
      exitCodes.unreachable,
      `no controller answers at ${socketPath}: start it with 'causeway up', or name its directory with --data, or its machine with --server`,
      cause,
    );
  }
  return new CliFailure(exitCodes.unreachable, `the controller at ${socketPath} does not answer: ${cause.message}`, cause);
}
