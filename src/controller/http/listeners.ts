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

/** ConnectionLimits is what one that has shown no credential yet can make us hold. */
export type ConnectionLimits = {
  /** Further connections are closed at once. */
  readonly connections: number;
  /** The whole head of a request, and a TLS handshake; also the time in which a new connection has to begin its request. */
  readonly head_ms: number;
  /** The whole request with its body. Answers, streams among them, are not limited. */
  readonly request_ms: number;
  /** How often the times are looked at: they are exceeded by as much. */
  readonly check_ms: number;
};

/**
 * Each connector holds one connection and each gateway two; a TLS connection costs some 50 kB, so all of them together stay below half a
 * gigabyte.
 */
const defaultLimits: ConnectionLimits = { connections: 8_192, head_ms: 20_000, request_ms: 60_000, check_ms: 10_000 };

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
export function serveListener(
  app: ControllerApp,
  name: ListenerName,
  open: OpenSocket,
  tls?: PortalTls,
  limits: ConnectionLimits = defaultLimits,
): Listener {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    markListener(request, name);
    app.routing(request, response);
  };
  const times = {
    headersTimeout: limits.head_ms,
    requestTimeout: limits.request_ms,
    connectionsCheckingInterval: limits.check_ms,
  };
  const secure =
    tls === undefined
      ? undefined
      : https.createServer({ ...times, ...tlsOptions(tls), minVersion: 'TLSv1.2', handshakeTimeout: limits.head_ms }, answer);
  const server: Server = secure ?? http.createServer(times, answer);
  open.server.maxConnections = limits.connections;

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
