import { z } from 'zod';
import type { RouteShape } from '../../contract/api/route.ts';
import { pathTo } from '../../contract/api/route.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { printable } from '../table.ts';
import { chooseServer } from './choose-server.ts';
import type { Answered, ApiRequest } from './exchange.ts';
import { localServer } from './local-server.ts';
import type { Server, ServerChoice } from './server.ts';

/**
 * callApi calls the controller that `choice` names and reads its answer with `schema`. Throws CliFailure: `unreachable` when nothing
 * answers, `problem` when the answer is an error (its message is the API's own).
 */
export async function callApi<T>(choice: ServerChoice, call: ApiRequest, schema: z.ZodType<T>): Promise<T> {
  return await ask(await chooseServer(choice), call, schema);
}

/** callLocalApi is callApi for what the controller serves to local root alone. */
export async function callLocalApi<T>(dataDirectory: string, call: ApiRequest, schema: z.ZodType<T>): Promise<T> {
  return await ask(localServer(dataDirectory), call, schema);
}

export type RouteAnswer<Shape extends RouteShape> = Shape['answer'] extends z.ZodType
  ? z.output<Shape['answer']>
  : Shape['answer'] extends 'text'
    ? string
    : undefined;

export interface RouteParts extends Pick<ApiRequest, 'body' | 'silence_ms'> {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** callRoute calls a route of the contract; what the API refuses as wrong (400) was typed wrongly, so it ends with `usage`. */
export async function callRoute<const Shape extends RouteShape>(
  choice: ServerChoice,
  shape: Shape,
  { parameters, query, ...rest }: RouteParts = {},
): Promise<RouteAnswer<Shape>> {
  const search = new URLSearchParams(query).toString();
  const path = `${pathTo(shape.path, parameters)}${search === '' ? '' : `?${search}`}`;
  const server = await chooseServer(choice);
  const call = { method: shape.method, path, refused: exitCodes.usage, ...rest };
  if (!(shape.answer instanceof z.ZodType)) {
    const { text } = await answerOf(server, call);
    return (shape.answer === 'text' ? text : undefined) as RouteAnswer<Shape>;
  }
  return (await ask(server, call, shape.answer)) as RouteAnswer<Shape>;
}

async function ask<T>(server: Server, call: ApiRequest, schema: z.ZodType<T>): Promise<T> {
  const { text } = await answerOf(server, call);
  const read = schema.safeParse(parseJson(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CliFailure(
    exitCodes.problem,
    `the answer to ${call.method} ${call.path} is not what this version knows (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}); ${server.label} is probably of another version, restart it`,
    read.error,
  );
}

async function answerOf(server: Server, call: ApiRequest): Promise<Answered> {
  const answered = await server.send(call);
  const { statusCode, text } = answered;
  if (statusCode >= 200 && statusCode <= 299) return answered;
  throw new CliFailure(
    statusCode === 400 ? (call.refused ?? exitCodes.problem) : exitCodes.problem,
    `${call.method} ${call.path} was answered with ${statusCode}: ${errorMessageOf(text)}`,
  );
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
function errorMessageOf(text: string): string {
  const body = parseJson(text);
  if (typeof body === 'object' && body !== null && 'errorMessage' in body && typeof body.errorMessage === 'string')
    return printable(body.errorMessage);
  return quoteInput(text);
}
