import { createSocket } from 'node:dgram';

/** Documentation addresses (RFC 5737, RFC 3849): never on a local network, so the kernel answers with its default route. */
const elsewhere = { udp4: '198.51.100.1', udp6: '2001:db8::1' } as const;

/**
 * addressOnDefaultRoute gives the address that this machine uses towards the rest of the world; undefined without a default route. It
 * asks the kernel by connecting a UDP socket, which sends nothing, so preferred sources and policy routing are respected.
 */
export async function addressOnDefaultRoute(): Promise<string | undefined> {
  return (await sourceAddress('udp4')) ?? (await sourceAddress('udp6'));
}

function sourceAddress(family: 'udp4' | 'udp6'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family);
    const finish = (address: string | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => finish(undefined));
    socket.connect(9, elsewhere[family], (error?: Error) => finish(error === undefined ? socket.address().address : undefined));
  });
}
