import { asText, entryOf, isObject } from './json.ts';
import type { Verdict } from './rules.ts';

/** readVerdict reads `{"accept": null}` and so on; undefined where it is no verdict. */
export function readVerdict(json: unknown): Verdict | undefined {
  const entry = entryOf(json);
  return entry === undefined ? undefined : verdictOf(entry[0], entry[1]);
}

/** verdictOf is readVerdict for a statement that is already taken apart. */
export function verdictOf(name: string, content: unknown): Verdict | undefined {
  switch (name) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { kind: name };
    case 'jump':
    case 'goto': {
      const chain = isObject(content) ? asText(content['target']) : undefined;
      return chain === undefined ? { kind: 'unknown', what: name } : { kind: name, chain };
    }
    case 'reject':
      return readReject(content);
    default:
      return undefined;
  }
}

/** nft leaves out the condition that a way of rejecting brings with it: a reset is for TCP only. */
function readReject(content: unknown): Verdict {
  const type = isObject(content) ? (asText(content['type']) ?? '') : '';
  const what = isObject(content) ? (asText(content['expr']) ?? '') : '';
  const requires = type === 'tcp reset' ? 'tcp' : type === 'icmp' ? 'ipv4' : type === 'icmpv6' ? 'ipv6' : null;
  return { kind: 'reject', with: [type, what].filter((part) => part !== '').join(' '), requires };
}
