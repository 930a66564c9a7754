import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { CliFailure, exitCodes } from '../failure.ts';
import { localServer, localSocket } from './local-server.ts';
import { loginNames, readLogin } from './logins.ts';
import { remoteServer } from './remote-server.ts';
import type { Server, ServerChoice } from './server.ts';

/** Where an installation is unless somebody says otherwise. */
export const usualDataDirectory = '/var/lib/causeway';

/**
 * chooseServer gives the controller that a command is about: that of --server, that of --data, that of this machine (`here`), or, where this
 * machine has no installation that may be used, the only login. Throws CliFailure (usage) where several logins could be meant, or the named
 * one is not there.
 */
export async function chooseServer({ data, server }: ServerChoice, here: string = usualDataDirectory): Promise<Server> {
  if (server !== undefined) return remoteServer(await readLogin(server));
  if (data !== undefined) return localServer(data);
  if (isInstallation(here)) return localServer(here);
  const [only, ...more] = await loginNames();
  // Its refusal says what there could be.
  if (only === undefined) return localServer(here);
  if (more.length > 0) {
    throw new CliFailure(
      exitCodes.usage,
      `this machine has no controller and there are several logins; name one with --server: ${[only, ...more].join(', ')}`,
    );
  }
  return remoteServer(await readLogin(only));
}

/**
 * Not whether somebody answers: while the controller of this machine is stopped, what is meant for it must not reach another one. Who may not
 * look into the directory cannot use its socket either.
 */
function isInstallation(directory: string): boolean {
  try {
    accessSync(dirname(localSocket(directory)), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // Why not does not matter: where there is no login either, the socket is tried and says it.
    return false;
  }
}
