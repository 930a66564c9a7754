import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { ControllerApp } from '../deps.ts';
import { markListener } from './authorisation.ts';
import type { ListenerName } from './route-auth.ts';

/** PortalTls is the portal's certificate with its chain, and its key; PEM. */
export type PortalTls = { readonly certificate: string; readonly key: string };

/** OpenSocket is a socket that listens already, and the connections that came before anybody could answer them. */
export type OpenSocket = { readonly server: net.Server; readonly waiting: net.Socket[] };

export type Listener = {
  readonly name: ListenerName;
  /** New connections get this certificate; those that are open keep theirs. Throws on a listener without TLS. */
  readonly replaceCertificate: (tls: PortalTls) => void;
  /** Takes no new connection, lets running requests end, and cuts what is still open after `patience_ms`. */
  readonly close: (patience_ms: number) => Promise<void>;
};

/**
 * holdConnections keeps the connections of a socket that was just handed over until `serveListener` answers them: a received socket accepts
 * at once, and without a listener its connections would hang unanswered.
 */
export function holdConnections(server: net.Server): OpenSocket {
  const waiting: net.Socket[] = [];
  server.on('connection', (socket) => {
    // One that gives up while it waits must not end the process.
    socket.on('error', () => socket.destroy());
    waiting.push(socket);
  });
  return { server, waiting };
}

/**
 * serveListener makes the application answer on a socket that somebody else has opened: the supervisor, as root. Which listener a request
 * came through is marked before routing, and decides who may be `local root` (authorisation.ts).
 */
export function serveListener(app: ControllerApp, name: ListenerName, open: OpenSocket, tls?: PortalTls): Listener {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    markListener(request, name);
    app.routing(request, response);
  };
  const secure = tls === undefined ? undefined : https.createServer({ ...tlsOptions(tls), minVersion: 'TLSv1.2' }, answer);
  const server: Server = secure ?? http.createServer(answer);
  // A request that is slow on purpose must not hold a connection for ever. Streams are answers, which these do not limit.
  server.headersTimeout = 20_000;
  server.requestTimeout = 60_000;

  open.server.removeAllListeners('connection');
  open.server.on('connection', (socket) => void server.emit('connection', socket));
  // A received handle cannot be listened on again (EEXIST from epoll, Node 26.10). A server that does not listen itself watches neither
  // the time limits nor the idleness of its connections until it has seen this event.
  server.emit('listening');
  for (const socket of open.waiting.splice(0)) {
    socket.removeAllListeners('error');
    if (!socket.destroyed) server.emit('connection', socket);
  }
  return {
    name,
    replaceCertificate: (next) => {
      if (secure === undefined) throw new Error(`the listener ${name} has no TLS`);
      secure.setSecureContext(tlsOptions(next));
    },
    close: async (patience_ms) => await closeServer(open.server, server, patience_ms),
  };
}

function tlsOptions(tls: PortalTls): { cert: string; key: string } {
  return { cert: tls.certificate, key: tls.key };
}

async function closeServer(socket: net.Server, server: Server, patience_ms: number): Promise<void> {
  // Resolves when the last connection of the socket has ended.
  const closed = new Promise<void>((resolve) => socket.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const patience = setTimeout(() => server.closeAllConnections(), patience_ms);
  await closed;
  clearInterval(idle);
  clearTimeout(patience);
  // Ends the watch over time limits; there is nothing else left to close.
  server.close();
}
