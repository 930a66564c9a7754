import { request } from 'node:http';
import { join } from 'node:path';
import type { z } from 'zod';
import { quoteInput } from '../core/ip/quote-input.ts';
import { eventReader } from './event-stream.ts';
import type { ExitCode } from './failure.ts';
import { CliFailure, exitCodes } from './failure.ts';

/** LocalRequest is one call of the API; `body` is sent as JSON. */
export interface LocalRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Hears of progress, where the answer is told as it comes about. */
  readonly hear?: (progress: string) => void;
  /** Exit code where the API refuses what was typed (400); `problem` where it is not given. */
  readonly refused?: ExitCode;
  /** How long nothing may be heard; half a minute where it is not given. */
  readonly silence_ms?: number;
}

/** A controller that is alive answers within milliseconds; one that is starting does not have the socket yet. */
const answerTimeoutMs = 30_000;

/** More than any answer of these commands, so that something else behind the socket cannot fill the memory. */
const maximumAnswerBytes = 16 * 1024 * 1024;

/**
 * callLocalApi calls the controller of the installation in `dataDirectory` over DIR/run/api.sock and reads its answer with
 * `schema`. Whoever may open the socket is "local root" to the controller, so no credential is sent. Throws CliFailure:
 * `unreachable` when nothing answers, `problem` when the answer is an error (its message is the API's own).
 */
export async function callLocalApi<T>(dataDirectory: string, call: LocalRequest, schema: z.ZodType<T>): Promise<T> {
  const socketPath = join(dataDirectory, 'run', 'api.sock');
  const { statusCode, text } = await exchange(socketPath, call);
  const body = parseJson(text);
  if (statusCode < 200 || statusCode > 299) {
    throw new CliFailure(
      statusCode === 400 ? (call.refused ?? exitCodes.problem) : exitCodes.problem,
      `${call.method} ${call.path} was answered with ${statusCode}: ${errorMessageOf(body, text)}`,
    );
  }
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CliFailure(
    exitCodes.problem,
    `the answer to ${call.method} ${call.path} is not what this version knows (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}); the controller at ${socketPath} is probably of another version, restart it`,
    read.error,
  );
}

function exchange(socketPath: string, call: LocalRequest): Promise<{ statusCode: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => reject(unreachable(socketPath, cause));
    const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...(call.hear === undefined ? {} : { accept: 'text/event-stream' }),
    };
    const timeout = call.silence_ms ?? answerTimeoutMs;
    const sent = request({ socketPath, method: call.method, path: call.path, headers, timeout, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const events = isEventStream(answer.headers['content-type']) ? eventReader(call.hear ?? (() => undefined)) : undefined;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maximumAnswerBytes) answer.destroy(new Error(`the answer has more than ${maximumAnswerBytes} bytes`));
        else if (events === undefined) chunks.push(chunk);
        else events.push(chunk);
      });
      answer.on('error', fail);
      answer.on('end', () => {
        if (events === undefined)
          return resolve({ statusCode: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        const last = events.end();
        if (last === undefined) return fail(new Error('its answer ended in the middle'));
        return resolve({ statusCode: last.event === 'result' ? 200 : 500, text: last.data });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    sent.on('error', fail);
    sent.end(payload);
  });
}

function isEventStream(type: string | undefined): boolean {
  return type?.startsWith('text/event-stream') === true;
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): CliFailure {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new CliFailure(
      exitCodes.unreachable,
      `only root may use ${socketPath}: run the command as root, on the controller's machine`,
      cause,
    );
  }
  if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTDIR') {
    return new CliFailure(
      exitCodes.unreachable,
      `no controller answers at ${socketPath}: start it with 'causeway up', or name its directory with --data`,
      cause,
    );
  }
  return new CliFailure(exitCodes.unreachable, `the controller at ${socketPath} does not answer: ${cause.message}`, cause);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not an answer of the API: the caller's schema or errorMessageOf says so with the text.
    return undefined;
  }
}

/** The API's error body is {errorMessage, ...} (api.md); anything else is shown as it came, made harmless. */
function errorMessageOf(body: unknown, text: string): string {
  if (typeof body === 'object' && body !== null && 'errorMessage' in body && typeof body.errorMessage === 'string')
    return body.errorMessage;
  return quoteInput(text);
}
