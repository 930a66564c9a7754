import type { z } from 'zod';

/**
 * problemsByField says, in the words of the page, what a schema has against values: one sentence for each field. Messages of the contract
 * continue "FIELD: VALUE …" (contract/api/fields.ts); zod's own are replaced by what is allowed, as the controller does (http/validation.ts).
 */
export function problemsByField(
  schema: z.ZodType,
  values: unknown,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const result = schema.safeParse(values, { reportInput: true });
  if (result.success) return {};
  const problems = new Map<string, string>();
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? '');
    if (!problems.has(name)) problems.set(name, asSentence(`${labels[name] ?? name} ${continuation(issue)}`));
  }
  return Object.fromEntries(problems);
}

function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}

function continuation(issue: z.core.$ZodIssue): string {
  const ofContract = /^[a-z]/.test(issue.message);
  if (ofContract) return issue.message;
  switch (issue.code) {
    case 'too_small':
      if (issue.origin !== 'string') return `is too small; allowed: at least ${String(issue.minimum)}`;
      return issue.minimum === 1 || issue.input === ''
        ? 'is empty'
        : `is too short; allowed: at least ${String(issue.minimum)} characters`;
    case 'too_big':
      return issue.origin === 'string'
        ? `is too long; allowed: at most ${String(issue.maximum)} characters`
        : `is too large; allowed: at most ${String(issue.maximum)}`;
    case 'invalid_value':
      return `is not allowed; allowed: ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'is not allowed';
  }
}
