import { z } from 'zod';
import { natModes } from '../../../contract/api/network-details.ts';
import type { ProposedChange } from '../../../contract/api/what-if.ts';
import { proposedChange } from '../../../contract/api/what-if.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { prefixField } from '../networks/prefix-field.ts';

export const changeKinds = ['set-nat', 'add-prefix', 'remove-prefix', 'set-internet-access', 'add-network'] as const;

/** The fields of all kinds of change; those that the kind has no use for are not looked at. */
export const changeFields = z
  .object({
    kind: z.enum(changeKinds),
    networkId: z.string(),
    prefix: z.string(),
    nat: z.enum(natModes),
    userGroupId: z.string(),
    internetAccess: z.enum(internetAccessModes),
    name: z.string(),
  })
  .superRefine(({ kind, prefix, name }, context) => {
    const usesPrefix = kind === 'add-prefix' || kind === 'remove-prefix' || kind === 'add-network';
    const problem = usesPrefix ? prefixField.safeParse(prefix).error?.issues[0]?.message : undefined;
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['prefix'], message: problem, input: prefix });
    if (kind === 'add-network' && name.trim() === '')
      context.addIssue({ code: 'custom', path: ['name'], message: 'is empty', input: name });
  });
export type ChangeFields = z.infer<typeof changeFields>;

/** changeOf is the change that a filled form asks about. */
export function changeOf({ kind, networkId, prefix, nat, userGroupId, internetAccess, name }: ChangeFields): ProposedChange {
  switch (kind) {
    case 'set-nat':
      return { kind, networkId, nat };
    case 'add-prefix':
    case 'remove-prefix':
      return { kind, networkId, prefix: prefix.trim() };
    case 'set-internet-access':
      return { kind, userGroupId, internetAccess, gatewaysIds: [] };
    case 'add-network':
      return { kind, name, nat, prefixes: [prefix.trim()] };
  }
}

/** changeText is a change as the page's address has it. */
export function changeText(change: ProposedChange): string {
  return JSON.stringify(change);
}

/** parseChange reads it; undefined where an old or mistyped link has none. */
export function parseChange(text: string | undefined): ProposedChange | undefined {
  if (text === undefined) return undefined;
  try {
    return proposedChange.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
