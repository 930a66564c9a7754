/**
 * ParseResult is what every `parseX` of this directory returns: the value, or a reason that a person can act on.
 * `suggestion` is canonical text that would have been accepted and is probably what was meant; it is set only where
 * exactly one such text exists, so a form may offer it as a button.
 */
export type ParseResult<T> = { readonly ok: true; readonly value: T } | ParseFailure;

/** ParseFailure names the refused text, what is wrong with it and what is allowed: lower case, no full stop, one line. */
export interface ParseFailure {
  readonly ok: false;
  readonly reason: string;
  readonly suggestion?: string;
}

/** accepted wraps a parsed value. */
export function accepted<T>(value: T): ParseResult<T> {
  return { ok: true, value };
}

/** refused makes a failure; with a suggestion it ends in the question that offers it. */
export function refused(reason: string, suggestion?: string): ParseFailure {
  return suggestion === undefined
    ? { ok: false, reason }
    : { ok: false, reason: `${reason}; did you mean ${suggestion}?`, suggestion };
}
