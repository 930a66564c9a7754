import { absent, fieldValue, known } from './field-value.ts';
import type { Evaluated } from './field-value.ts';
import type { HookContext } from './hook-context.ts';
import { matches } from './matches.ts';
import type { PacketState } from './packet-state.ts';
import type { BitOperator, Expression, MapElement, Value } from './rules.ts';

/** evaluate gives what an expression is for this packet, at this point of its way. */
export function evaluate(expression: Expression, context: HookContext, state: PacketState): Evaluated {
  switch (expression.kind) {
    case 'constant':
      return known(expression.value);
    case 'field':
      return fieldValue(expression.field, context, state);
    case 'fib':
      return evaluateFib(expression, context, state);
    case 'bits': {
      const left = evaluate(expression.left, context, state);
      if (left.kind !== 'known') return left;
      const right = evaluate(expression.right, context, state);
      return right.kind === 'known' ? bits(expression.operator, left.value, right.value) : right;
    }
    case 'tuple': {
      const values: Value[] = [];
      let unknown: Evaluated | undefined;
      for (const part of expression.parts) {
        const value = evaluate(part, context, state);
        if (value.kind === 'absent') return absent;
        if (value.kind === 'unknown') unknown ??= value;
        else values.push(value.value);
      }
      return unknown ?? known(values);
    }
    case 'map': {
      const key = evaluate(expression.key, context, state);
      if (key.kind !== 'known') return key;
      const found = lookUp(key.value, expression.elements());
      if (found.kind !== 'found') return found;
      return evaluate(found.data, context, state);
    }
    case 'unknown':
      return { kind: 'unknown', what: expression.what };
  }
}

export type Found<Data> = { readonly kind: 'found'; readonly data: Data } | Exclude<Evaluated, { readonly kind: 'known' }>;

/** lookUp finds the element of a map whose key holds the value; absent where none does. */
export function lookUp<Data>(value: Value, elements: readonly MapElement<Data>[]): Found<Data> {
  for (const { key, data } of elements) {
    const match = matches(value, key);
    if (match === true) return { kind: 'found', data };
    if (match !== false) return { kind: 'unknown', what: match.unknown };
  }
  return { kind: 'absent' };
}

function evaluateFib(
  { of, result, by }: Extract<Expression, { readonly kind: 'fib' }>,
  { fib, iifname, oifname }: HookContext,
  { source, destination, mark }: PacketState,
): Evaluated {
  const address = of === 'source' ? source : destination;
  if (fib === null || address === null || destination === null) return { kind: 'unknown', what: 'a look at the routes (fib)' };
  const answer = fib({
    address,
    destination,
    interface: by.iif ? iifname : by.oif ? oifname : null,
    mark: by.mark ? mark : null,
  });
  if (answer === null) return { kind: 'unknown', what: 'a look at the routes (fib)' };
  switch (result) {
    case 'type':
      return known(answer.type);
    case 'interface':
      return known(answer.interface ?? '');
    case 'exists':
      return known(answer.interface === null ? 0 : 1);
  }
}

function bits(operator: BitOperator, left: Value, right: Value): Evaluated {
  if (typeof left === 'number' && typeof right === 'number') {
    switch (operator) {
      case '&':
        return known((left & right) >>> 0);
      case '|':
        return known((left | right) >>> 0);
      case '^':
        return known((left ^ right) >>> 0);
      case '<<':
        return known(right > 31 ? 0 : (left << right) >>> 0);
      case '>>':
        return known(right > 31 ? 0 : left >>> right);
    }
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    if (operator === '&') return known(left & right);
    if (operator === '|') return known(left | right);
    if (operator === '^') return known(left ^ right);
  }
  return { kind: 'unknown', what: `${operator} of these values` };
}
