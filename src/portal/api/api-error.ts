import type { ErrorDetail, ErrorResponse } from '../../contract/errors.ts';

/** What stands for the status where there was no answer at all. */
export const unreachable = 0;

/**
 * ApiError is what the API refused, or that it could not be asked (`status` 0). `message` is the controller's sentence and is shown as it is.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  /** Under which the controller's log has the details; null where no answer came. */
  readonly requestId: string | null;

  constructor(
    message: string,
    options: {
      readonly status: number;
      readonly code?: string | undefined;
      readonly details?: readonly ErrorDetail[];
      readonly requestId?: string | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.status = options.status;
    this.code = options.code ?? 'internal';
    this.details = options.details ?? [];
    this.requestId = options.requestId ?? null;
  }

  /** The same request may succeed later without anybody changing anything (contract/error-codes.ts). */
  get mayPass(): boolean {
    return this.status === unreachable || this.code === 'unavailable' || this.code === 'rate-limited';
  }
}

/** fromErrorResponse reads the body of a refusal; `undefined` where it is none of ours. */
export function fromErrorResponse(body: unknown, status: number, requestId: string | null): ApiError | undefined {
  if (!isErrorResponse(body)) return undefined;
  const details = Object.entries(body.errorDetails).flatMap(([field, list]) =>
    list.map(({ message, params, errorCode }) => ({ field, message, params, errorCode })),
  );
  return new ApiError(body.errorMessage, { status, requestId, details, code: details[0]?.errorCode });
}

function isErrorResponse(body: unknown): body is ErrorResponse {
  if (typeof body !== 'object' || body === null || !('errorMessage' in body) || !('errorDetails' in body)) return false;
  const { errorMessage, errorDetails } = body;
  return (
    typeof errorMessage === 'string' &&
    typeof errorDetails === 'object' &&
    errorDetails !== null &&
    Object.values(errorDetails).every((list) => Array.isArray(list))
  );
}
