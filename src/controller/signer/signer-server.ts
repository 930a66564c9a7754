import { chmod, rm, stat } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import { answerLine } from './answer-request.ts';
import type { AuthorityKeeper } from './authorities.ts';
import { readLines } from './line-reader.ts';

/**
 * listenForRequests serves the protocol on a unix socket. Who may connect is decided by the directory's rights alone: it is refused
 * when others may enter it. A socket that a dead signer left is removed; one that answers is not.
 */
export async function listenForRequests(keeper: AuthorityKeeper, path: string, now: () => Date): Promise<Server> {
  await requireClosedDirectory(dirname(path));
  if (await answers(path)) throw new Error(`another signer listens on ${path}; stop it first`);
  await rm(path, { force: true });
  const server = createServer((socket) => serve(socket, keeper, now));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // The directory is 0750 and its group is the controller's; the socket itself belongs to a group that the controller is not in.
  await chmod(path, 0o666);
  return server;
}

function serve(socket: Socket, keeper: AuthorityKeeper, now: () => Date): void {
  // A client that goes away while it is answered is no trouble of ours: it asks again over a new connection.
  socket.on('error', () => socket.destroy());
  readLines(
    socket,
    (line) => {
      void answerLine(keeper, line, now).then((answer) => {
        if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
      });
    },
    () => socket.destroy(),
  );
}

async function requireClosedDirectory(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o007) === 0) return;
  throw new Error(`${path} is open to everybody (mode ${(mode & 0o777).toString(8)}); set it to 750 with the controller's group`);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
