import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as requestHttp } from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';
import type { AgentStart } from '../contract/lane-keeper.ts';

/** ControllerError is an answer of the controller other than 2xx, with the beginning of its body. */
export class ControllerError extends Error {
  override readonly name = 'ControllerError';
  readonly status: number;

  constructor(status: number, what: string, body: string) {
    super(`${what}: the controller answered ${String(status)} ${body.slice(0, 300)}`);
    this.status = status;
  }
}

/** Answers to commands are small; a controller that does not answer in this time is taken for down. */
const answerWithinMs = 10_000;
/** The controller sends a heartbeat on the stream more often than this; a stream that is silent longer is dead. */
const streamSilenceMs = 60_000;

/** `isAlone`: on a connection of its own, so that what takes long keeps no report waiting. */
export type PostOptions = { readonly withinMs?: number; readonly isAlone?: boolean; readonly signal?: AbortSignal | undefined };

/** ControllerClient speaks to the controller: over the unix socket of the same machine, or over TLS with the installation's CA. */
export class ControllerClient {
  readonly #controller: AgentStart['controller'];
  readonly #tokenFile: string;
  readonly #keepAlive = new Agent({ keepAlive: true, maxSockets: 2 });
  readonly #keepAliveTls = new TlsAgent({ keepAlive: true, maxSockets: 2 });

  constructor(controller: AgentStart['controller'], tokenFile: string) {
    this.#controller = controller;
    this.#tokenFile = tokenFile;
  }

  /** post sends JSON and gives the answer's JSON, or undefined for an empty one. Rejects with ControllerError, or when it cannot be reached. */
  async post(
    path: string,
    body: unknown,
    { withinMs = answerWithinMs, isAlone = false, signal }: PostOptions = {},
  ): Promise<unknown> {
    const response = await this.#request(
      'POST',
      path,
      { 'content-type': 'application/json' },
      JSON.stringify(body),
      AbortSignal.any([AbortSignal.timeout(withinMs), ...(signal === undefined ? [] : [signal])]),
      isAlone,
    );
    const text = await readAll(response);
    if (response.statusCode === undefined || response.statusCode >= 300)
      throw new ControllerError(response.statusCode ?? 0, `POST ${path}`, text);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** stream opens an event stream and gives its pieces to `take` until it ends or `signal` aborts. Rejects with why it ended. */
  async stream(path: string, lastEventId: string | null, take: (piece: string) => void, signal: AbortSignal): Promise<never> {
    const headers = { accept: 'text/event-stream', ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) };
    const response = await this.#request('GET', path, headers, undefined, signal);
    if (response.statusCode !== 200) throw new ControllerError(response.statusCode ?? 0, `GET ${path}`, await readAll(response));
    response.setEncoding('utf8');
    response.socket.setTimeout(streamSilenceMs, () =>
      response.destroy(new Error(`the stream was silent for ${String(streamSilenceMs / 1000)} s`)),
    );
    for await (const piece of response) take(String(piece));
    throw new Error('the controller ended the stream');
  }

  /** close lets idle connections go. */
  close(): void {
    this.#keepAlive.destroy();
    this.#keepAliveTls.destroy();
  }

  #request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
    isAlone = method === 'GET',
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // Read each time: the token may be replaced while the agent runs. It reaches nothing but this header.
      const authorization = `Bearer ${readFileSync(this.#tokenFile, 'utf8').trim()}`;
      const options = { method, headers: { ...headers, authorization }, signal };
      const request =
        'socketPath' in this.#controller
          ? requestHttp({
              ...options,
              path,
              socketPath: this.#controller.socketPath,
              agent: isAlone ? false : this.#keepAlive,
            })
          : requestHttps(new URL(path, this.#controller.url), {
              ...options,
              ca: readFileSync(this.#controller.caFile),
              agent: isAlone ? false : this.#keepAliveTls,
            });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(body);
    });
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const piece of response) text += String(piece);
  return text;
}
