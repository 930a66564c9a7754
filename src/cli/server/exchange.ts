/**
 * src/cli/server is how commands reach a controller: by the socket of this machine, or elsewhere with a login. call-api.ts is what commands
 * use. Tests: `node --test 'src/cli/server/*.test.ts'`.
 */
import type { RequestOptions } from 'node:http';
import { request } from 'node:http';
import { progressReader } from '../../contract/progress-stream.ts';
import type { ExitCode } from '../failure.ts';

/** ApiRequest is one call of the API; `body` is sent as JSON. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Hears of progress, where the answer is told as it comes about. */
  readonly hear?: (progress: string) => void;
  /** Exit code where the API refuses what was typed (400); `problem` where it is not given. */
  readonly refused?: ExitCode;
  /** How long nothing may be heard; half a minute where it is not given. */
  readonly silence_ms?: number;
}

export type Answered = { readonly statusCode: number; readonly text: string };

/** A controller that is alive answers within milliseconds; one that is starting does not have the socket yet. */
const answerTimeoutMs = 30_000;

/** More than any answer of these commands, so that something else behind the socket cannot fill the memory. */
const maximumAnswerBytes = 16 * 1024 * 1024;

/** exchange sends one request over `connection` and gives what came back, whatever it says. Rejects where nothing came, or half of it. */
export function exchange(
  connection: Pick<RequestOptions, 'socketPath' | 'createConnection'> & { readonly headers?: Readonly<Record<string, string>> },
  call: ApiRequest,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      ...connection.headers,
      ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...(call.hear === undefined ? {} : { accept: 'text/event-stream' }),
    };
    const timeout = call.silence_ms ?? answerTimeoutMs;
    // `agent: false` makes an agent of its own, which would connect by itself and not ask createConnection.
    const alone = connection.createConnection === undefined ? { agent: false } : {};
    const sent = request({ ...connection, ...alone, method: call.method, path: call.path, headers, timeout }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const events = isEventStream(answer.headers['content-type']) ? progressReader(call.hear ?? (() => undefined)) : undefined;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maximumAnswerBytes) answer.destroy(new Error(`the answer has more than ${maximumAnswerBytes} bytes`));
        else if (events === undefined) chunks.push(chunk);
        else events.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (events === undefined)
          return resolve({ statusCode: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        const last = events.end();
        if (last === undefined) return reject(new Error('its answer ended in the middle'));
        return resolve({ statusCode: last.event === 'result' ? 200 : 500, text: last.data });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    sent.on('error', reject);
    sent.end(payload);
  });
}

function isEventStream(type: string | undefined): boolean {
  return type?.startsWith('text/event-stream') === true;
}
