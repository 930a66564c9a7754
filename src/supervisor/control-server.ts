import { chmod, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { SupervisorAnswer, SupervisorRequest } from '../contract/supervisor-control.ts';
import { supervisorRequest } from '../contract/supervisor-control.ts';

/** A request is a word or two; what is longer is none. */
const longestRequest = 1024;
const silence_ms = 5000;

/** ControlServer is open until close(), which removes its socket. */
export type ControlServer = { readonly close: () => Promise<void> };

/** openControl listens at `path`, for root alone, and answers each connection's one request with what `act` gives. */
export async function openControl(
  path: string,
  act: (request: SupervisorRequest) => Promise<SupervisorAnswer>,
): Promise<ControlServer> {
  // One of a supervisor that was killed; ours is the only one on this directory (flock).
  await rm(path, { force: true });
  const server = createServer((socket) => void serve(socket, act));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
  await chmod(path, 0o600);
  // It is no reason to live.
  server.unref();
  return { close: () => close(server, path) };
}

async function serve(socket: Socket, act: (request: SupervisorRequest) => Promise<SupervisorAnswer>): Promise<void> {
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  socket.setTimeout(silence_ms, () => socket.destroy());
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longestRequest) break;
  }
  // From here on we are the ones who take their time.
  socket.setTimeout(0);
  socket.end(`${JSON.stringify(await answer(text, act))}\n`);
}

async function answer(text: string, act: (request: SupervisorRequest) => Promise<SupervisorAnswer>): Promise<SupervisorAnswer> {
  try {
    return await act(supervisorRequest.parse(JSON.parse(text)));
  } catch (cause) {
    return { kind: 'refused', reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

async function close(server: Server, path: string): Promise<void> {
  server.close();
  await rm(path, { force: true });
}
