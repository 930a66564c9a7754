import { z } from 'zod';
import { quoteInput } from '../core/ip/quote-input.ts';
import type { ErrorCode } from './error-codes.ts';
import { errorCodes } from './error-codes.ts';

/** ErrorDetail is one thing that is wrong. `field` is a path such as `routes.0.value`, or the noun of the object. */
export type ErrorDetail = {
  readonly field: string;
  readonly message: string;
  /** Facts for programs: the value that was refused, what is allowed, the other object. Never a secret. */
  readonly params?: Readonly<Record<string, unknown>>;
};

/**
 * CausewayError is every error that is meant to be seen. `message` is a sentence and is shown to people as it is: what was refused, on
 * which object, what is allowed or what to do. The `cause` is for the log only and never leaves.
 */
export class CausewayError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** When it is worth trying again, where that is known; said as Retry-After. */
  readonly retryAfter_s: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; cause?: unknown; retryAfter_s?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CausewayError';
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfter_s = options.retryAfter_s;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** invalidInput refuses one field's value: `problem` continues "FIELD: VALUE …", `allowed` says what would be accepted. */
export function invalidInput(field: string, value: unknown, problem: string, allowed?: string): CausewayError {
  return refuseField('invalid-input', field, value, problem, allowed);
}

/** notSupported refuses a value that the API knows but this version cannot serve; `why` says what is missing. */
export function notSupported(field: string, value: unknown, why: string, allowed?: string): CausewayError {
  return refuseField('not-supported', field, value, why, allowed);
}

function refuseField(
  code: ErrorCode,
  field: string,
  value: unknown,
  problem: string,
  allowed: string | undefined,
): CausewayError {
  const message = `${field}: ${showValue(value)} ${problem}${allowed === undefined ? '' : `; allowed: ${allowed}`}`;
  const params = { value: shortValue(value), ...(allowed === undefined ? {} : { allowed }) };
  return new CausewayError(code, `${message}.`, { details: [{ field, message, params }] });
}

/**
 * notFound says that there is no such object (any more). The words "not found" are looked for by existing clients (api.md 1.8), and it
 * is also the answer for an object that the caller may not know of.
 */
export function notFound(kind: string, id: string): CausewayError {
  const message = `${kind} ${quoteInput(id)} not found`;
  return new CausewayError(
    'not-found',
    `${capitalise(message)}. It may have been deleted; list the ${kind}s to see what exists.`,
    {
      details: [{ field: kind, message, params: { id: shortValue(id) } }],
    },
  );
}

/** conflict refuses what the object's present state does not allow; `message` is a whole sentence that says what to do. */
export function conflict(field: string, message: string, params: Readonly<Record<string, unknown>> = {}): CausewayError {
  return new CausewayError('conflict', message, { details: [{ field, message, params }] });
}

/** overlap refuses a prefix that shares addresses with something; it names both sides. */
export function overlap(field: string, value: string, other: { readonly prefix: string; readonly what: string }): CausewayError {
  const message = `${field}: ${quoteInput(value)} overlaps ${other.prefix} of ${other.what}`;
  return new CausewayError('overlap', `${message}. Choose a prefix that shares no address with it, or remove the other one.`, {
    details: [{ field, message, params: { value: shortValue(value), overlaps: other.prefix, with: other.what } }],
  });
}

/** showValue writes a refused value into a sentence: as JSON, so that quotes and control characters are visible, and cut. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'a missing value';
  return typeof value === 'string' ? JSON.stringify(shortValue(value)) : String(shortValue(value));
}

/** What is repeated of refused input, at most: an error must not become as long as the input. */
const shownCharacters = 80;

function shortValue(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}… (${String(text.length)} characters)` : text;
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The shape of every error body, CloudConnexa's (api.md 3), also under our own paths. */
export const errorResponse = z
  .object({
    errorDetails: z.record(
      z.string(),
      z.array(z.object({ errorCode: z.string(), message: z.string(), params: z.record(z.string(), z.unknown()) })),
    ),
    errorMessage: z.string(),
    statusError: z.string(),
  })
  .meta({ id: 'ErrorResponse' });
export type ErrorResponse = z.infer<typeof errorResponse>;

/** toErrorResponse is the public body: code, message and details; never the cause or a stack. */
export function toErrorResponse(error: CausewayError): ErrorResponse {
  const details = error.details.length > 0 ? error.details : [{ field: 'request', message: error.message, params: {} }];
  // Not by assignment: a field may be called what every object has already, such as __proto__.
  const errorDetails: ErrorResponse['errorDetails'] = Object.fromEntries(
    Array.from(
      Map.groupBy(details, ({ field }) => field),
      ([field, group]) => [
        field,
        group.map(({ message, params }) => ({ errorCode: error.code, message, params: { ...params } })),
      ],
    ),
  );
  return { errorDetails, errorMessage: error.message, statusError: statusWords[error.status] ?? 'INTERNAL_SERVER_ERROR' };
}

const statusWords: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};
