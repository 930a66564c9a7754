import type { UpOptions } from '../contract/cli/up-options.ts';
import type { DataDirectory } from './data-directory.ts';
import { dataDirectoryAt, ensureDataDirectory } from './data-directory.ts';
import type { MountMode } from './enter-mount-view.ts';
import type { Installation, NumberClaim } from './installation.ts';
import { claimNumber, readInstallation, settleInstallation, writeInstallation } from './installation.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import type { MountView } from './mount-view.ts';
import { openTunTo, showCheckout } from './mount-view.ts';
import type { SystemUsers } from './system-users.ts';
import { ensureSystemUsers } from './system-users.ts';
import { removeUnplaced } from './unplaced-files.ts';

/** Prepared is the installation with everything in place to start its processes. */
export type Prepared = {
  readonly directory: DataDirectory;
  readonly users: SystemUsers;
  readonly view: MountView;
  readonly claim: NumberClaim;
  readonly installation: Installation;
  readonly listeners: Listeners;
};

type PrepareOptions = { readonly up: UpOptions; readonly mountMode: MountMode; readonly log: Log };

/** prepare makes everything on the machine that the processes need; each step finds its own traces of an earlier, cut off start. */
export async function prepare({ up, mountMode, log }: PrepareOptions): Promise<Prepared> {
  const directory = dataDirectoryAt(up.data);
  const stored = await readInstallation(up.data);
  const claim = await claimNumber(stored?.number, log);
  const settled = await settleInstallation(up, stored, claim.number, log);
  // First of all files: it says that this directory is ours, so that a start which fails after it can be repeated.
  await writeInstallation(up.data, settled);
  const users = await ensureSystemUsers();
  await ensureDataDirectory(directory, users);
  await removeUnplaced(directory);
  const view = await showCheckout(mountMode, directory, log);
  if (up.gateway) await openTunTo(users.lane.gid, mountMode, directory);
  const listeners = new Listeners({
    address: up.listen.address,
    port: settled.listenPort,
    unix: {
      local: { path: directory.apiSocket, uid: 0, gid: 0, mode: 0o600 },
      ...(up.gateway ? { gateway: { path: directory.gatewaySocket, uid: 0, gid: users.controller.gid, mode: 0o660 } } : {}),
    },
  });
  await listeners.openPortal(up.listen.port === 0);
  const installation = { ...settled, listenPort: listeners.port };
  await writeInstallation(up.data, installation);
  return { directory, users, view, claim, installation, listeners };
}
