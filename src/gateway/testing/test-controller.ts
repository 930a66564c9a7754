import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { GatewayReport, SessionReport } from '../../contract/gateway.ts';
import { gatewayHello, gatewayReport } from '../../contract/gateway.ts';
import { diffConfiguration } from '../../core/configuration-delta.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { TestCa } from './certificates.ts';
import { TestAttempts } from './test-attempts.ts';

/**
 * TestController speaks the controller's side of contract/gateway.ts over a unix socket: it checks what the agent says by the contract's
 * own schemas, answers what it does not know with an error, and keeps what it was told.
 */
export class TestController {
  /** What lanes should believe, PEM; the CA of the test first. */
  authority: string;
  readonly reports: GatewayReport[] = [];
  readonly attempts = new TestAttempts();
  readonly complaints: string[] = [];
  /** Last-Event-ID of each stream that was opened. */
  readonly opened: (string | null)[] = [];
  readonly #ca: TestCa;
  readonly #token: string;
  readonly #socketPath: string;
  readonly #streams = new Set<ServerResponse>();
  #server: Server | null = null;
  #configuration: GatewayConfiguration;

  constructor(socketPath: string, token: string, ca: TestCa, configuration: GatewayConfiguration) {
    this.#socketPath = socketPath;
    this.#token = token;
    this.#ca = ca;
    this.authority = ca.caPem;
    this.#configuration = configuration;
  }

  get configuration(): GatewayConfiguration {
    return this.#configuration;
  }

  start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((cause: unknown) => {
        this.complaints.push(`${request.method ?? ''} ${request.url ?? ''}: ${String(cause)}`);
        response.writeHead(400).end(String(cause));
      });
    });
    this.#server = server;
    return new Promise((resolve, reject) => server.on('error', reject).listen(this.#socketPath, resolve));
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    this.#streams.clear();
    await new Promise((resolve) => server.close(resolve));
  }

  /** change sends the difference to another configuration to all streams, as the next revision. */
  change(changes: Partial<GatewayConfiguration>): void {
    const next = { ...this.#configuration, ...changes, revision: this.#configuration.revision + 1 };
    const delta = diffConfiguration(this.#configuration, next);
    this.#configuration = next;
    for (const stream of this.#streams) send(stream, 'delta', next.revision, delta);
  }

  /** sendRaw puts something on the streams as it is. */
  sendRaw(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  /** sessions is the last that was told of each session. */
  sessions(): SessionReport[] {
    const sessions = new Map<string, SessionReport>();
    for (const report of this.reports) for (const session of report.sessions) sessions.set(session.key, session);
    return [...sessions.values()];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${this.#token}`) throw new Error('wrong token');
    const body = await readBody(request);
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'POST /gateway/v1/hello': {
        const hello = gatewayHello.parse(JSON.parse(body));
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            gatewayId: this.#configuration.gateway.id,
            certificate: this.#ca.server(hello.certificateRequest),
            ca: this.authority,
            tlsCryptV2ServerKey: this.#ca.tlsCryptV2Server,
          }),
        );
        return;
      }
      case 'POST /gateway/v1/authority':
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ca: this.authority }));
        return;
      case 'POST /gateway/v1/report':
        this.reports.push(gatewayReport.parse(JSON.parse(body)));
        response.writeHead(204).end();
        return;
      case 'GET /gateway/v1/stream': {
        const last = request.headers['last-event-id'];
        this.opened.push(typeof last === 'string' ? last : null);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': hello\n\n');
        if (last !== String(this.#configuration.revision))
          send(response, 'snapshot', this.#configuration.revision, this.#configuration);
        this.#streams.add(response);
        response.on('close', () => this.#streams.delete(response));
        return;
      }
      default: {
        const prefix = 'POST /gateway/v1/connect-attempts';
        const what = `${request.method ?? ''} ${request.url ?? ''}`;
        if (!what.startsWith(prefix)) throw new Error('not part of the contract');
        const answer = await this.attempts.answer(what.slice(prefix.length), JSON.parse(body));
        if (answer === undefined) response.writeHead(204).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
    }
  }
}

function send(stream: ServerResponse, event: string, revision: number, data: unknown): void {
  stream.write(`event: ${event}\nid: ${String(revision)}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}
