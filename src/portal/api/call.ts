/**
 * src/portal/api is the way to the controller: one function, typed by the routes of src/contract, and the errors that come back.
 */
import type { z } from 'zod';
import { pathTo } from '../../contract/api/route.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import { ApiError, fromErrorResponse, unreachable } from './api-error.ts';

type Given<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** AnswerOf is what a route answers; undefined where it has no body. */
export type AnswerOf<Shape extends RouteShape> = Shape['answer'] extends z.ZodType
  ? z.output<Shape['answer']>
  : Shape['answer'] extends 'text'
    ? string
    : undefined;

type ParameterNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type ParametersOf<Shape extends RouteShape> = [ParameterNames<Shape['path']>] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<ParameterNames<Shape['path']>, string>> };

type BodyOf<Shape extends RouteShape> = Shape['body'] extends z.ZodType
  ? { readonly body: Given<Shape['body']> }
  : { readonly body?: undefined };

type QueryOf<Shape extends RouteShape> = Shape['query'] extends z.ZodType
  ? { readonly query?: Given<Shape['query']> }
  : { readonly query?: undefined };

/** Asking is everything that a route needs to be asked: what its path, body and query say. */
export type Asking<Shape extends RouteShape> = ParametersOf<Shape> & BodyOf<Shape> & QueryOf<Shape>;

/** Further arguments of a call: none are needed where the route needs none. */
export type AskingArguments<Shape extends RouteShape> =
  object extends Asking<Shape> ? [asking?: Asking<Shape>] : [asking: Asking<Shape>];

/**
 * call asks one route of the contract. Rejects with ApiError for whatever is not its answer: a refusal, an answer that is none of ours (a proxy
 * in between), or none at all. The session goes with it as a cookie that scripts cannot read.
 */
export async function call<const Shape extends RouteShape>(
  shape: Shape,
  ...[asking]: AskingArguments<Shape>
): Promise<AnswerOf<Shape>> {
  return await callUntil(shape, undefined, ...([asking] as unknown as AskingArguments<Shape>));
}

/** callUntil is `call` that ends with the signal. */
export async function callUntil<const Shape extends RouteShape>(
  shape: Shape,
  signal: AbortSignal | undefined,
  ...[asking]: AskingArguments<Shape>
): Promise<AnswerOf<Shape>> {
  const { params, query, body } = (asking ?? {}) as {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, Parameter>>;
    readonly body?: unknown;
  };
  const url = `${pathTo(shape.path, params)}${queryText(query)}`;
  const response = await send(url, {
    method: shape.method,
    credentials: 'same-origin',
    headers: {
      accept: shape.answer === 'text' ? 'text/plain, application/json' : 'application/json',
      // What a form of another site cannot send (design.md 7).
      ...(shape.method === 'GET' ? {} : { 'X-Causeway': '1' }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const requestId = response.headers.get('x-request-id');
  if (!response.ok) throw await refusal(response, requestId);
  // What the controller answers has passed the same schema there (fastify-type-provider-zod).
  if (shape.answer === null) return undefined as AnswerOf<Shape>;
  if (shape.answer === 'text') return (await response.text()) as AnswerOf<Shape>;
  // What is optional is an empty body where there is none.
  if (response.headers.get('content-length') === '0') return undefined as AnswerOf<Shape>;
  return (await parsed(response, requestId)) as AnswerOf<Shape>;
}

/** send asks; rejects with ApiError where nobody answers. */
export async function send(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('The controller cannot be reached. Tunnels go on without it; this page goes on when it answers again.', {
      status: unreachable,
      code: 'unavailable',
      cause,
    });
  }
}

async function refusal(response: Response, requestId: string | null): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  return fromErrorResponse(body, response.status, requestId) ?? strange(response, requestId);
}

async function parsed(response: Response, requestId: string | null): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw strange(response, requestId, cause);
  }
}

/** strange is an answer that is none of ours. */
export function strange(response: Response, requestId: string | null, cause?: unknown): ApiError {
  return new ApiError(
    `Something between this browser and the controller answered ${String(response.status)} in its place. Load the page again, or ask whoever runs the proxy.`,
    { status: response.status, requestId, cause },
  );
}

type Parameter = string | number | boolean | undefined;

function queryText(query: Readonly<Record<string, Parameter>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
