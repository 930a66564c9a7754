import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import type net from 'node:net';
import tls from 'node:tls';
import type { ControllerApp } from '../deps.ts';
import { markListener } from './authorisation.ts';
import { serveHttp2 } from './http2-server.ts';
import type { Http2Server } from './http2-server.ts';
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
  /** Further connections are closed at once; over HTTP/2, further streams of all connections together are refused too. */
  readonly connections: number;
  /**
   * The whole head of a request, and a TLS handshake; also the time in which a new connection has to begin its request, and over HTTP/2 the
   * next one.
   */
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
 * came through is marked before routing, and decides who may be `local root` (authorisation.ts). With TLS the handshake chooses between
 * HTTP/2 and HTTP/1.1 (decision 46); without it there is HTTP/1.1 alone.
 */
export function serveListener(
  app: ControllerApp,
  name: ListenerName,
  open: OpenSocket,
  portal?: PortalTls,
  limits: ConnectionLimits = defaultLimits,
): Listener {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    markListener(request, name);
    app.routing(request, response);
  };
  const plain = http.createServer(
    { headersTimeout: limits.head_ms, requestTimeout: limits.request_ms, connectionsCheckingInterval: limits.check_ms },
    answer,
  );
  // A received handle cannot be listened on again (EEXIST from epoll, Node 26.10). A server that does not listen itself watches neither
  // the time limits nor the idleness of its connections until it has seen this event.
  plain.emit('listening');
  const { connections, head_ms, request_ms } = limits;
  const many = serveHttp2(
    // What node:http2 gives has everything of node:http's that Fastify uses; its types say so only of a server that Fastify has made.
    (request, response) => answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    { streams: connections, idle_ms: head_ms, request_ms },
  );
  const secure = portal === undefined ? undefined : secureServer(portal, head_ms, plain, many);
  const front = secure ?? plain;

  const taken = new Set<net.Socket>();
  const take = (socket: net.Socket): void => {
    taken.add(socket);
    socket.once('close', () => taken.delete(socket));
    front.emit('connection', socket);
  };
  open.server.maxConnections = connections;
  open.server.removeAllListeners('connection');
  open.server.on('connection', take);
  for (const socket of open.waiting.splice(0)) {
    socket.removeAllListeners('error');
    if (!socket.destroyed) take(socket);
  }
  return {
    name,
    replaceCertificate: (next) => {
      if (secure === undefined) throw new Error(`the listener ${name} has no TLS`);
      secure.setSecureContext(tlsOptions(next));
    },
    close: async (patience_ms) => {
      many.retire();
      await closeServer(open.server, plain, taken, patience_ms);
    },
  };
}

function secureServer(portal: PortalTls, head_ms: number, plain: Server, many: Http2Server): tls.Server {
  const secure = tls.createServer(
    { ...tlsOptions(portal), minVersion: 'TLSv1.2', handshakeTimeout: head_ms, ALPNProtocols: ['h2', 'http/1.1'] },
    (socket) => {
      // A client that does not choose speaks HTTP/1.1.
      if (socket.alpnProtocol === 'h2') many.take(socket);
      else plain.emit('connection', socket);
    },
  );
  // A handshake that failed or took too long; node:tls leaves the connection open.
  secure.on('tlsClientError', (_error, socket) => socket.destroy());
  return secure;
}

function tlsOptions({ certificate, key }: PortalTls): { cert: string; key: string } {
  return { cert: certificate, key };
}

async function closeServer(
  socket: net.Server,
  plain: Server,
  taken: ReadonlySet<net.Socket>,
  patience_ms: number,
): Promise<void> {
  // Resolves when the last connection of the socket has ended.
  const closed = new Promise<void>((resolve) => socket.close(() => resolve()));
  plain.closeIdleConnections();
  const idle = setInterval(() => plain.closeIdleConnections(), 20);
  const patience = setTimeout(() => {
    for (const connection of taken) connection.destroy();
  }, patience_ms);
  await closed;
  clearInterval(idle);
  clearTimeout(patience);
  // Ends the watch over time limits; there is nothing else left to close.
  plain.close();
}
