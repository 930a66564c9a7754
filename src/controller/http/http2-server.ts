import http2 from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';

export type Http2Limits = {
  /** Streams of all connections together: a stream is what a connection is over HTTP/1.1. */
  readonly streams: number;
  /** A connection without any stream is closed after this: before its first one, and when the last has ended. */
  readonly idle_ms: number;
  /** The whole request with its body. Answers, streams of events among them, are not limited. */
  readonly request_ms: number;
};

/** Http2Server answers on connections whose TLS handshake has chosen h2. */
export type Http2Server = {
  readonly take: (socket: TLSSocket) => void;
  /** Tells every client to send no more requests here; a connection ends with its last stream. */
  readonly retire: () => void;
};

/** A browser needs some dozens at once; more on one connection would only be more that one peer can make us hold. */
const streamsOfConnection = 100;

/** As node:http has it for the head of a request. */
const longestHead_bytes = 16 * 1024;

/**
 * serveHttp2 makes `answer` serve what it would over HTTP/1.1, with the same limits. node:http2 watches floods (resets, settings, pings,
 * continuations) by itself, but neither idle connections nor requests that never end.
 */
export function serveHttp2(
  answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  { streams: mostStreams, idle_ms, request_ms }: Http2Limits,
): Http2Server {
  const sessions = new Set<ServerHttp2Session>();
  let streams = 0;
  let isRetired = false;
  const server = http2.createServer({
    settings: { maxConcurrentStreams: streamsOfConnection, maxHeaderListSize: longestHead_bytes, enablePush: false },
  });

  server.on('session', (session) => {
    sessions.add(session);
    let own = 0;
    let idle = endIdle(session, idle_ms);
    // Before the server's own listener, which makes the request of it.
    session.prependListener('stream', (stream) => {
      clearTimeout(idle);
      own += 1;
      streams += 1;
      stream.once('close', () => {
        own -= 1;
        streams -= 1;
        if (own === 0 && !session.destroyed) idle = endIdle(session, idle_ms);
      });
    });
    session.once('close', () => {
      clearTimeout(idle);
      sessions.delete(session);
    });
    if (isRetired) session.close();
  });

  server.on('request', (request, response) => {
    const { stream } = request;
    if (streams > mostStreams) {
      // The client may send it again on another connection or later: nothing of it was done.
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    if (!stream.endAfterHeaders) {
      const late = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), request_ms);
      request.once('end', () => clearTimeout(late));
      stream.once('close', () => clearTimeout(late));
    }
    answer(request, response);
  });

  return {
    take: (socket) => void server.emit('connection', socket),
    retire: () => {
      isRetired = true;
      for (const session of sessions) session.close();
    },
  };
}

/** In order first, so that the client hears of it; a client that does not let go is cut. */
function endIdle(session: ServerHttp2Session, idle_ms: number): NodeJS.Timeout {
  return setTimeout(() => {
    session.close();
    const cut = setTimeout(() => session.destroy(), Math.min(idle_ms, 1_000));
    session.once('close', () => clearTimeout(cut));
  }, idle_ms);
}
