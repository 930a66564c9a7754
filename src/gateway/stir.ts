import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import type { AddressText } from '../core/ip/address.ts';

const everyMs = 10;
const forMs = 500;
/** Discard (RFC 863). */
const port = 9;

/**
 * stir sends empty datagrams into a client's tunnel for half a second. A lane sends one message of its control channel each time that it
 * looks at the client, which it does at a packet or once a second: a change in several messages took 2 s (two) to 3 s (five) to arrive,
 * in which a 2.7 client is without its routes, and 1.1 s with packets on the way (2.7.8, decision 0068). Never rejects: it is of use only.
 */
export async function stir(address: AddressText): Promise<void> {
  const socket = createSocket('udp4');
  // A client that is gone is answered for by the kernel; there is nothing to stir then.
  socket.on('error', () => undefined);
  for (let sent = 0; sent < forMs / everyMs; sent += 1) {
    socket.send(new Uint8Array(), port, address, () => undefined);
    await delay(everyMs);
  }
  socket.close();
}
