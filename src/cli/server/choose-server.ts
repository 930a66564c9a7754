import { accessSync, constants } from 'node:fs';
import { CliFailure, exitCodes } from '../failure.ts';
import { localServer, localSocket } from './local-server.ts';
import { loginNames, readLogin } from './logins.ts';
import { remoteServer } from './remote-server.ts';
import type { Server, ServerChoice } from './server.ts';

/** Where an installation is unless somebody says otherwise. */
export const usualDataDirectory = '/var/lib/causeway';

/**
 * chooseServer gives the controller that a command is about: that of --server, that of --data, that of this machine, or, where this machine
 * has none that may be used, the only login. Throws CliFailure (usage) where several logins could be meant, or the named one is not there.
 */
export async function chooseServer({ data, server }: ServerChoice): Promise<Server> {
  if (server !== undefined) return remoteServer(await readLogin(server));
  if (data !== undefined) return localServer(data);
  if (mayUse(localSocket(usualDataDirectory))) return localServer(usualDataDirectory);
  const [only, ...more] = await loginNames();
  // Its refusal says what there could be.
  if (only === undefined) return localServer(usualDataDirectory);
  if (more.length > 0) {
    throw new CliFailure(
      exitCodes.usage,
      `no controller runs on this machine and there are several logins; name one with --server: ${[only, ...more].join(', ')}`,
    );
  }
  return remoteServer(await readLogin(only));
}

function mayUse(socketPath: string): boolean {
  try {
    accessSync(socketPath, constants.W_OK);
    return true;
  } catch {
    // Why not does not matter: where there is no login either, the socket is tried and says it.
    return false;
  }
}
