/**
 * The controller's process (seams in contract/controller-start.ts): told by its supervisor over the IPC channel what to open, it serves until
 * SIGTERM or until its supervisor is gone. Everything else may fail while it runs and comes back: database, signer, gateways.
 * Exit: 0 stopped, 1 failed; the reason is the last line of the log.
 */
import net from 'node:net';
import packageJson from '../../package.json' with { type: 'json' };
import { backedUp, controllerListen, controllerStart } from '../contract/controller-start.ts';
import type { ControllerStart } from '../contract/controller-start.ts';
import { isPing, pong } from '../contract/supervisor-control.ts';
import { holdConnections, serveListener } from './http/listeners.ts';
import type { Listener, OpenSocket } from './http/listeners.ts';
import { createLog, logLevel } from './http/request-log.ts';
import type { ListenerName } from './http/route-auth.ts';
import { StartRefused } from './prepare-schema.ts';
import { startController } from './start-controller.ts';
import { openSupervisorLink } from './supervisor-link.ts';

const log = createLog({ level: logLevel(process.env['CAUSEWAY_LOG_LEVEL']) });
const stopping = new AbortController();
const supervisor = openSupervisorLink();
const sockets = new Map<ListenerName, OpenSocket>();
const socketArrived = new EventTarget();

/** A running request gets this long to end; what streams is ended at once. */
const stopPatience_ms = 5_000;

process.on('SIGTERM', () => stopping.abort());
// Ctrl-C in the supervisor's terminal reaches us too; the supervisor decides the order in which things stop.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => stopping.abort());

const start = new Promise<ControllerStart>((resolve, reject) => {
  process.on('message', (message: unknown, handle: unknown) => {
    if (isPing(message)) return void process.send?.(pong);
    const listen = controllerListen.safeParse(message);
    if (listen.success && handle instanceof net.Server) {
      sockets.set(listen.data.name, holdConnections(handle));
      socketArrived.dispatchEvent(new Event(listen.data.name));
      return;
    }
    if (backedUp.safeParse(message).success) return;
    const parsed = controllerStart.safeParse(message);
    if (parsed.success) resolve(parsed.data);
    else reject(new Error(`the supervisor sent a message that is not understood: ${parsed.error.message}`));
  });
  stopping.signal.addEventListener('abort', () => reject(new Error('stopped before it was started')));
});

try {
  if (process.send === undefined) throw new Error('the controller is started by: causeway up');
  await run(await start);
  log.info('stopped');
} catch (error) {
  if (!stopping.signal.aborted) {
    if (error instanceof StartRefused) supervisor.tell(error.told);
    log.fatal({ err: error }, 'the controller cannot go on');
    process.exitCode = 1;
  }
}
// Sockets that came but are not served would keep the process, and the supervisor waits for its end to start it again.
for (const { server, waiting } of sockets.values()) {
  server.close();
  for (const socket of waiting) socket.destroy();
}
if (process.connected) process.disconnect?.();

async function run(started: ControllerStart): Promise<void> {
  const controller = await startController(started, {
    version: packageJson.version,
    log,
    signal: stopping.signal,
    supervisor,
  });
  const listeners: Listener[] = [];
  try {
    const names: ListenerName[] = ['https', 'local', ...(started.gatewayTokenHash === null ? [] : (['gateway'] as const))];
    for (const name of names) {
      const socket = await arrivalOf(name);
      const listener = serveListener(controller.app, name, socket, name === 'https' ? controller.portal.tls() : undefined);
      if (name === 'https') controller.portal.onRenewal(listener.replaceCertificate);
      listeners.push(listener);
    }
    supervisor.tell({ kind: 'ready' });
    log.info({ hostname: started.installation.hostname, port: started.installation.listenPort }, 'ready');
    await aborted(stopping.signal);
  } finally {
    // Streams and long polls first: they would hold their connections for the whole patience.
    await controller.endStreams();
    await Promise.all(listeners.map(async (listener) => await listener.close(stopPatience_ms)));
    await controller.stop();
  }
}

async function arrivalOf(name: ListenerName): Promise<OpenSocket> {
  const socket = sockets.get(name);
  if (socket !== undefined) return socket;
  await new Promise<void>((resolve, reject) => {
    socketArrived.addEventListener(name, () => resolve(), { once: true });
    stopping.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    if (stopping.signal.aborted) reject(new Error('stopped'));
  });
  return await arrivalOf(name);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
