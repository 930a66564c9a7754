import { renameSync } from 'node:fs';
import { chmod, chown, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import type { ControllerListen } from '../contract/controller-start.ts';
import { errorCode } from './data-directory.ts';
import { StartFailure } from './start-failure.ts';
import type { Channel } from './supervised-process.ts';

type ListenerName = ControllerListen['name'];
type UnixSocket = { readonly path: string; readonly uid: number; readonly gid: number; readonly mode: number };

/**
 * Listeners opens, as root, the sockets that the controller serves, and hands them to it. The port of the portal is opened before anything
 * is started, so that one that is taken ends `up` at once; after that all are opened for each new controller, since Node accepts on, and
 * finally closes, what it keeps. While no controller runs, connections are refused, which tells a client more than silence would.
 */
export class Listeners {
  readonly #address: string;
  readonly #unix: Readonly<Partial<Record<ListenerName, UnixSocket>>>;
  #portal: Server | undefined;
  #port: number;

  constructor(options: {
    readonly address: string;
    readonly port: number;
    readonly unix: Readonly<Partial<Record<ListenerName, UnixSocket>>>;
  }) {
    this.#address = options.address;
    this.#port = options.port;
    this.#unix = options.unix;
  }

  /** The port of `https`; after openPortal() the real one. */
  get port(): number {
    return this.#port;
  }

  /** openPortal opens `https`. `mayMove`: another free port will do where the wanted one is taken (--listen with port 0). */
  async openPortal(mayMove = false): Promise<void> {
    if (this.#portal !== undefined) return;
    const server = await listenTcp(this.#address, this.#port, mayMove);
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#portal = server;
  }

  /** handOver sends every socket to the controller and lets go of our own copies. */
  async handOver(channel: Channel): Promise<void> {
    await this.openPortal();
    const portal = this.#portal;
    this.#portal = undefined;
    if (portal !== undefined) {
      await channel.send({ kind: 'listen', name: 'https' } satisfies ControllerListen, portal);
      portal.close();
    }
    for (const name of ['local', 'gateway'] as const) {
      const socket = this.#unix[name];
      if (socket !== undefined) await handOverUnix(channel, name, socket);
    }
  }

  async close(): Promise<void> {
    this.#portal?.close();
    for (const socket of Object.values(this.#unix)) await rm(socket.path, { force: true });
  }
}

async function listenTcp(address: string, port: number, mayMove: boolean): Promise<Server> {
  try {
    return await listen({ host: address, port });
  } catch (cause) {
    if (mayMove && port !== 0 && errorCode(cause) === 'EADDRINUSE') return listen({ host: address, port: 0 });
    throw new StartFailure(
      {
        exitCode: 1,
        sentence: `TCP port ${String(port)} for the portal cannot be opened on ${address} (${errorCode(cause) ?? String(cause)}): choose another one with --listen.`,
      },
      { cause },
    );
  }
}

/**
 * The socket gets its name only when the controller has it, so no client meets ours, which would turn it away: the agent connects the
 * moment it can. Closing right after the rename leaves no turn of the event loop in which we could accept. (Before the rename, closing
 * would remove the file.)
 */
async function handOverUnix(channel: Channel, name: ListenerName, { path, uid, gid, mode }: UnixSocket): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const server = await listen({ path: beside });
  await chown(beside, uid, gid);
  await chmod(beside, mode);
  await channel.send({ kind: 'listen', name } satisfies ControllerListen, server);
  renameSync(beside, path);
  server.close();
}

function listen(where: { readonly host: string; readonly port: number } | { readonly path: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Whoever comes before the controller does is turned away: the supervisor reads nothing from the network.
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(where, () => resolve(server));
  });
}
