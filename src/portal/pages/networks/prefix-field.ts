import { z } from 'zod';
import { formatPrefix, parsePrefix } from '../../../core/ip/prefix.ts';

/**
 * prefixField is an IPv4 prefix in a form: core's own reading of it, with its reason, and what was probably meant. The API reads it the same
 * way (controller/domain/network-prefixes.ts), and knows besides what it overlaps.
 */
export const prefixField = z.string().superRefine((text, context) => {
  const problem = problemOf(text.trim());
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: text });
});

function problemOf(text: string): string | undefined {
  if (text === '') return 'is empty';
  const parsed = parsePrefix(text);
  if (!parsed.ok) return `cannot be used: ${parsed.reason}`;
  return parsed.value.family === 4
    ? undefined
    : `cannot be used: ${formatPrefix(parsed.value)} is IPv6, which this version does not carry`;
}
