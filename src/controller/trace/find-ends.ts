import type { Permission } from '../../contract/permission.ts';
import { isAllowed } from '../../contract/permission.ts';
import { CausewayError } from '../../contract/errors.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import type { TraceEnd } from '../../core/trace/flow-packet.ts';
import type { EndSide, FoundEnd } from '../../core/trace/find-end.ts';
import { findEnd } from '../../core/trace/find-end.ts';
import type { TraceInput } from '../../core/trace/input.ts';
import type { Actor } from '../principal.ts';

/** TraceEnds are both ends of a question, and what was chosen where it left something open. */
export type TraceEnds = { readonly source: TraceEnd; readonly destination: TraceEnd; readonly remarks: readonly string[] };

type AskedEnds = { readonly source: string; readonly destination: string };

/** findEnds reads SRC and DST. Throws invalid-input that names the field, what was given and what would do: candidates, or nearest names. */
export function findEnds(input: TraceInput, asked: AskedEnds): TraceEnds {
  const source = required(findEnd(input, asked.source, 'source'), asked.source, 'source');
  const destination = required(findEnd(input, asked.destination, 'destination'), asked.destination, 'destination');
  const remarks = [source.remark, destination.remark].filter((remark) => remark !== null);
  return { source: source.end, destination: destination.end, remarks };
}

function required(found: FoundEnd, text: string, field: EndSide): Extract<FoundEnd, { kind: 'found' }> {
  switch (found.kind) {
    case 'found':
      return found;
    case 'ambiguous': {
      const list = found.candidates
        .map((candidate) => `${quoteInput(candidate.text)} (${quoteInput(candidate.what)})`)
        .join(', ');
      throw refused(field, text, `${found.reason}; give one of: ${list}`, { candidates: found.candidates });
    }
    case 'unknown': {
      const near = found.nearest.map((each) => quoteInput(each)).join(', ');
      const question = near === '' ? '' : `; did you mean ${near}?`;
      throw refused(field, text, `${found.reason}${question}`, { nearest: found.nearest });
    }
    case 'outside':
      throw refused(field, text, found.reason, {});
  }
}

function refused(field: EndSide, text: string, problem: string, params: Readonly<Record<string, unknown>>): CausewayError {
  const message = `${field}: ${problem}`;
  return new CausewayError('invalid-input', `${message}${message.endsWith('?') ? '' : '.'}`, {
    details: [{ field, message, params: { value: text.slice(0, 80), ...params } }],
  });
}

/**
 * needsOfTexts are the permissions that reading the names takes besides the route's: a refusal tells of names that are near, and so of
 * people and hosts that the caller may not list.
 */
export function needsOfTexts({ source, destination }: AskedEnds): readonly Permission[] {
  const needs = [source, destination].flatMap((text): Permission[] => {
    if (tryParseAddress(text) !== undefined || /^(network|connector):/.test(text)) return [];
    return text.startsWith('host:') ? ['host:read'] : ['device:read'];
  });
  return [...new Set(needs)];
}

/** needsOf are the permissions that reading the trace takes: it tells of the people or hosts at its ends. */
export function needsOf({ source, destination }: TraceEnds): readonly Permission[] {
  const needs = [source, destination].flatMap(({ object }): Permission[] => {
    if (object.kind === 'device') return ['device:read'];
    return object.kind === 'host' ? ['host:read'] : [];
  });
  return [...new Set(needs)];
}

/** demandPermissions refuses a caller that lacks one of these, with its name. `what` begins the sentence. */
export function demandPermissions(actor: Actor, needs: readonly Permission[], what: string): void {
  const missing = needs.find((each) => !holds(actor, each));
  if (missing === undefined) return;
  throw new CausewayError('forbidden', `${what}, and this API credential lacks the permission ${missing}; use one that has it.`, {
    details: [{ field: 'permission', message: `${missing} is missing`, params: { required: missing } }],
  });
}

/** holds is true for everybody but an API credential without the permission: others are let in by their route. */
export function holds({ principal }: Actor, permission: Permission): boolean {
  return principal.kind !== 'api-credential' || isAllowed(principal.permissions, permission);
}
