import type { MatchOperator, Pattern, Value } from './rules.ts';

/** Truth is yes, no, or what would have to be known. */
export type Truth = boolean | { readonly unknown: string };

/** matches says whether a value lies in a pattern. */
export function matches(value: Value, pattern: Pattern): Truth {
  switch (pattern.kind) {
    case 'exact':
      return value === pattern.value;
    case 'range':
      // Values of two types (an IPv4 address in a set of IPv6) are never in order.
      return typeof value === typeof pattern.from && !Array.isArray(value) && value >= pattern.from && value <= pattern.to;
    case 'starts':
      return typeof value === 'string' && value.startsWith(pattern.text);
    case 'anything':
      return true;
    case 'tuple': {
      if (!Array.isArray(value) || value.length !== pattern.parts.length) return false;
      return all(pattern.parts.map((part, index) => matches(value[index] as Value, part)));
    }
    case 'one-of': {
      let unknown: Truth = false;
      for (const each of pattern.patterns()) {
        const truth = matches(value, each);
        if (truth === true) return true;
        if (truth !== false) unknown = truth;
      }
      return unknown;
    }
    case 'unknown':
      return { unknown: pattern.what };
  }
}

/** compares is the whole match: `tcp dport >= 1024`, `ct state established,related`. */
export function compares(value: Value, operator: MatchOperator, pattern: Pattern): Truth {
  switch (operator) {
    case '==':
      return matches(value, pattern);
    case '!=':
      return not(matches(value, pattern));
    // One of these flags is set, or none of them.
    case 'in':
    case '!': {
      if (typeof value !== 'number' || pattern.kind !== 'exact' || typeof pattern.value !== 'number') {
        return operator === 'in' ? matches(value, pattern) : not(matches(value, pattern));
      }
      return ((value & pattern.value) !== 0) === (operator === 'in');
    }
    default: {
      if (pattern.kind !== 'exact' || typeof value !== typeof pattern.value) return { unknown: `operator ${operator}` };
      switch (operator) {
        case '<':
          return value < pattern.value;
        case '<=':
          return value <= pattern.value;
        case '>':
          return value > pattern.value;
        case '>=':
          return value >= pattern.value;
      }
    }
  }
}

function not(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth;
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.find((truth) => truth !== true) ?? true;
}
