import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { ControllerApp } from '../deps.ts';
import { markListener } from './authorisation.ts';
import type { ListenerName } from './route-auth.ts';

/** PortalTls is the portal's certificate with its chain, and its key; PEM. */
export type PortalTls = { readonly certificate: string; readonly key: string };

export type Listener = {
  readonly name: ListenerName;
  /** Takes no new connection, lets running requests end, cuts what is still open after `patience_ms`. */
  readonly close: (patience_ms: number) => Promise<void>;
};

/**
 * serveListener makes the application answer on a socket that somebody else has opened: the supervisor, before it gave up its rights. Which
 * listener a request came through is marked before routing, and decides who may be `local root` (authorisation.ts).
 */
export async function serveListener(
  app: ControllerApp,
  name: ListenerName,
  socket: net.Server | net.ListenOptions,
  tls?: PortalTls,
): Promise<Listener> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    markListener(request, name);
    app.routing(request, response);
  };
  const server: Server =
    tls === undefined
      ? http.createServer(answer)
      : https.createServer({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, answer);
  // A request that is slow on purpose must not hold a connection for ever; the streams of gateways send something every few seconds.
  server.headersTimeout = 20_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { name, close: async (patience_ms) => await closeServer(server, patience_ms) };
}

async function closeServer(server: Server, patience_ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patience_ms);
  await closed;
  clearTimeout(timer);
}
