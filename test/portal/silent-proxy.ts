import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';

/** SilentProxy stands before a server, and can stop passing bytes on without closing anything, as a network does that drops packets. */
export type SilentProxy = AsyncDisposable & {
  readonly port: number;
  /** Nothing passes from now on, on old connections and on new ones; resolves to the function that lets all of it pass. */
  readonly fallSilent: () => () => void;
};

/** openSilentProxy listens on loopback before the server at `target`, a port there. */
export async function openSilentProxy(target: number): Promise<SilentProxy> {
  const sockets = new Set<net.Socket>();
  let isSilent = false;
  const server = net.createServer((near) => {
    const far = net.connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    for (const [from, to] of [pair, [far, near] as const]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (chunk) => to.write(chunk));
      if (isSilent) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: () => {
      isSilent = true;
      for (const socket of sockets) socket.pause();
      return () => {
        isSilent = false;
        for (const socket of sockets) socket.resume();
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
