import { readFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import type { UpOptions } from '../contract/cli/up-options.ts';
import { errorCode, placeFile } from './data-directory.ts';
import { addressOnDefaultRoute } from './local-address.ts';
import type { Log } from './log.ts';
import { runProgram } from './run-program.ts';
import { StartFailure } from './start-failure.ts';

/** The number is one hexadecimal digit of the packet mark 0x0cN00000. */
const highestNumber = 15;

const storedInstallation = z.object({
  number: z.int().min(0).max(highestNumber),
  hostname: z.string().min(1),
  listenPort: z.int().min(0).max(65_535),
  vpnPort: z.int().min(1).max(65_535),
  region: z.string().nullable(),
  gateway: z.boolean(),
});

/** Installation is what DIR/installation.json holds: no secrets, readable by everybody. */
export type Installation = z.infer<typeof storedInstallation>;

/** NumberClaim keeps the number to this process; closing it lets others have it. */
export type NumberClaim = { readonly number: number; readonly release: () => void };

/** readInstallation gives what the last start wrote, undefined before the first one. */
export async function readInstallation(dataDirectory: string): Promise<Installation | undefined> {
  const file = installationFile(dataDirectory);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw cause;
  });
  if (text === undefined) return undefined;
  try {
    return storedInstallation.parse(JSON.parse(text));
  } catch (cause) {
    throw new StartFailure(
      {
        exitCode: 1,
        sentence: `${file} is damaged: restore it from a backup, or remove it to have it made again with a new number.`,
      },
      { cause },
    );
  }
}

export async function writeInstallation(dataDirectory: string, installation: Installation): Promise<void> {
  await placeFile(installationFile(dataDirectory), `${JSON.stringify(installation, null, 2)}\n`, { uid: 0, gid: 0, mode: 0o644 });
}

export function installationFile(dataDirectory: string): string {
  return path.join(dataDirectory, 'installation.json');
}

/**
 * settleInstallation joins the options of this start with what is remembered. A hostname that was once chosen stays, since certificates,
 * profiles and install commands in the field carry it; --hostname changes it. `listenPort` stays 0 until the socket is open.
 */
export async function settleInstallation(
  options: UpOptions,
  stored: Installation | undefined,
  number: number,
  log: Log,
): Promise<Installation> {
  return {
    number,
    hostname: options.hostname ?? (await rememberedHostname(stored, log)),
    // Port 0 asks for any free one: the one of the last start, if it is still free, keeps links and profiles right.
    listenPort: options.listen.port === 0 ? (stored?.listenPort ?? 0) : options.listen.port,
    vpnPort: options.vpnPort,
    region: options.region ?? stored?.region ?? null,
    gateway: options.gateway,
  };
}

async function rememberedHostname(stored: Installation | undefined, log: Log): Promise<string> {
  const current = await addressOnDefaultRoute();
  if (stored !== undefined) {
    const isAddress = /^[\d.]+$|:/.test(stored.hostname);
    if (isAddress && current !== undefined && current !== stored.hostname) {
      log.warn('this machine has another address than the certificates and profiles name; give --hostname to change them', {
        hostname: stored.hostname,
        address: current,
      });
    }
    return stored.hostname;
  }
  if (current !== undefined) return current;
  throw new Error('choosing the hostname: the default route that was there a moment ago is gone; give --hostname');
}

/**
 * claimNumber chooses the installation's number: the remembered one unless another installation that runs here has taken it meanwhile,
 * else the lowest that neither a running installation nor leftovers in the kernel use. It is held as an abstract unix socket, because
 * those belong to the network namespace just as tuns, tables and marks do, vanish with the process, and write nothing to disk.
 */
export async function claimNumber(remembered: number | undefined, log: Log): Promise<NumberClaim> {
  if (remembered !== undefined) {
    const claim = await tryClaim(remembered);
    if (claim !== undefined) return claim;
    log.warn('another installation on this machine uses our number; taking another one', { number: remembered });
  }
  const leftovers = await numbersInKernel();
  for (let number = 0; number <= highestNumber; number += 1) {
    if (leftovers.has(number)) continue;
    const claim = await tryClaim(number);
    if (claim !== undefined) return claim;
  }
  throw new StartFailure({
    exitCode: 1,
    sentence: `all ${String(highestNumber + 1)} installation numbers of this machine are in use: stop an installation, or remove leftovers (ip link show, nft list tables).`,
  });
}

function tryClaim(number: number): Promise<NumberClaim | undefined> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', (error) => {
      if (errorCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: `\0causeway-installation-${String(number)}` }, () => {
      server.unref();
      resolve({ number, release: () => server.close() });
    });
  });
}

/** /proc/net shows the namespace of whoever reads it; /sys/class/net that of whoever mounted it. */
async function numbersInKernel(): Promise<ReadonlySet<number>> {
  const devices = await readFile('/proc/net/dev', 'utf8').catch(() => '');
  const { stdout: tables } = await runProgram('nft', ['list', 'tables']);
  const found = [...devices.matchAll(/^\s*cw(\d{1,2})-/gm), ...tables.matchAll(/\bcauseway_(\d{1,2})\s*$/gm)];
  return new Set(found.map((match) => Number(match[1])));
}
