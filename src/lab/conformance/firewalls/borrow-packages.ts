import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../host.ts';
import { mustRun } from '../../run-program.ts';

/** The launcher's cache of root (`causeway`): what was downloaded once is there for the next run, also without a network. */
const cache = '/var/cache/causeway/lab-packages';

/** Directories of /usr that a package has files in; /usr/local stays what the machine has made of it (machine.ts). */
const layers = ['bin', 'sbin', 'lib', 'share'] as const;

/**
 * borrowPackages gives a machine of the lab the programs of Debian packages, as they are unpacked: no script of a package runs, and the real
 * machine gets nothing but the downloaded files in the launcher's cache. Installing them there would start a firewall. `directory` is an
 * empty one of the lab's run. Throws with apt's words where they cannot be had.
 */
export async function borrowPackages(machine: Host, directory: string, packages: readonly string[]): Promise<void> {
  await mkdir(cache, { recursive: true });
  const kept = await readdir(cache);
  const missing = packages.filter((name) => !kept.some((file) => file.startsWith(`${name}_`)));
  if (missing.length > 0) await download(missing);
  const files = (await readdir(cache)).filter((file) => packages.some((name) => file.startsWith(`${name}_`)));
  await mkdir(directory, { recursive: true });
  for (const file of files) await mustRun(['dpkg-deb', '-x', join(cache, file), directory]);
  // Packages still write /lib, which is a link to /usr/lib on the machine.
  await mustRun([
    'sh',
    '-ec',
    `cd ${directory}; mkdir -p etc ${layers.map((layer) => `usr/${layer}`).join(' ')}; [ ! -d lib ] || cp -a lib/. usr/lib/`,
  ]);
  const lay = (layer: string) => `mount -t overlay overlay -o lowerdir=${directory}/usr/${layer}:/usr/${layer} /usr/${layer}`;
  await machine.must(['sh', '-ec', [...layers.map(lay), `cp -a ${directory}/etc/. /etc/`].join('\n')]);
}

/** returnPackages takes their programs off the machine again, also where none were borrowed. Their files in /etc stay. */
export async function returnPackages(machine: Host): Promise<void> {
  const lift = (layer: string) =>
    `while [ "$(stat -f -c %T /usr/${layer})" = overlayfs ] && umount -l /usr/${layer} 2>/dev/null; do :; done`;
  await machine.must(['sh', '-c', `${layers.map(lift).join('\n')}\n:`]);
}

async function download(packages: readonly string[]): Promise<void> {
  const get = `cd ${cache} && apt-get -o APT::Sandbox::User=root download ${packages.join(' ')}`;
  // A machine whose lists are old, or that never had any, gets them first.
  await mustRun(['sh', '-ec', `${get} || { apt-get update && ${get}; }`], { timeoutMs: 120_000 });
}
