import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import type { ErrorDetail } from '../../contract/errors.ts';
import { CausewayError, showValue } from '../../contract/errors.ts';

/** validatorCompiler makes Fastify check bodies, queries and parameters with zod; what fails leaves as `invalid-input`. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    // A body that was left out (or was empty) is refused by what is missing in it, not as "not an object".
    const input: unknown = data ?? (schema instanceof z.ZodObject ? {} : data);
    const result = schema.safeParse(input, { reportInput: true });
    return result.success ? { value: result.data } : { error: toInvalidInput(result.error, input) };
  };

/** toInvalidInput translates zod's issues: each names the field, the value that was sent and what is allowed. */
export function toInvalidInput(error: z.ZodError, input: unknown): CausewayError {
  const details = error.issues.map((issue) => toDetail(issue, input));
  const shown = details.slice(0, 5).map((detail) => detail.message);
  const rest = details.length - shown.length;
  const message = `${shown.join('; ')}${rest > 0 ? `; and ${String(rest)} more` : ''}.`;
  return new CausewayError('invalid-input', message, { details });
}

function toDetail(issue: z.core.$ZodIssue, input: unknown): ErrorDetail {
  const field = issue.path.length === 0 ? 'body' : issue.path.map(String).join('.');
  const secret = issue.path.some((part) => /secret|password|token|key/i.test(String(part)));
  const value = secret ? '[not shown]' : valueAt(input, issue.path);
  const allowed = allowedOf(issue);
  // An own message of a schema says what is wrong with the value; zod's standard ones are replaced by what is allowed.
  const problem = allowed === undefined ? issue.message : 'is not allowed';
  const message = `${field}: ${secret ? 'the value' : showValue(value)} ${problem}${allowed === undefined ? '' : `; allowed: ${allowed}`}`;
  return {
    field,
    message,
    params: { ...(value === undefined ? {} : { value: showValue(value) }), ...(allowed === undefined ? {} : { allowed }) },
  };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function allowedOf(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_small':
      return `${bound(issue.origin, 'at least', issue.inclusive === false, issue.minimum)}`;
    case 'too_big':
      return `${bound(issue.origin, 'at most', issue.inclusive === false, issue.maximum)}`;
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    case 'unrecognized_keys':
      return `no ${issue.keys.join(', ')}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `text that matches ${issue.pattern ?? 'the pattern'}`
        : article(formatNames[issue.format] ?? issue.format);
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return undefined;
  }
}

const formatNames: Readonly<Record<string, string>> = { uuid: 'UUID', datetime: 'ISO instant such as 2026-01-31T12:00:00Z' };

function article(noun: string): string {
  return `${/^[aeiou]/i.test(noun) && !noun.startsWith('U') ? 'an' : 'a'} ${noun}`;
}

function bound(origin: string, direction: string, exclusive: boolean, limit: number | bigint): string {
  const unit = origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
  return `${exclusive ? (direction === 'at least' ? 'more than' : 'less than') : direction} ${String(limit)}${unit}`;
}
