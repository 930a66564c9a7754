/**
 * The stable codes of every error that leaves the controller; docs/errors.md explains each, and a test compares the two. A new code is
 * added only when some program has to tell it apart. `retryable`: the same request may succeed later without anybody changing anything.
 */
export const errorCodes = {
  'invalid-input': { status: 400, retryable: false },
  'not-supported': { status: 400, retryable: false },
  overlap: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  'second-factor-required': { status: 403, retryable: false },
  'not-found': { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  'too-large': { status: 413, retryable: false },
  'unsupported-media-type': { status: 415, retryable: false },
  'rate-limited': { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  unavailable: { status: 503, retryable: true },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;
