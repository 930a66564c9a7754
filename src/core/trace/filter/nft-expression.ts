import { isField } from './fields.ts';
import { asList, asText, entryOf, isObject } from './json.ts';
import type { Shape } from './nft-types.ts';
import { shapeOf } from './nft-types.ts';
import { readPattern, readValue } from './nft-value.ts';
import type { NftSets } from './nft-sets.ts';
import type { BitOperator, Expression, MapElement } from './rules.ts';
import { lazily } from './rules.ts';

/** nft itself nests no deeper than a few; a text that does is not one of nft's. */
const deepest = 32;

/** readExpression reads what nft prints as expression. `wanted` is the type that the place asks for; it decides how constants are read. */
export function readExpression(json: unknown, wanted: Shape, sets: NftSets, depth = 0): Expression {
  if (depth > deepest) return unknown('nesting');
  const entry = entryOf(json);
  if (entry === undefined) return constant(json, wanted);
  const [name, content] = entry;
  switch (name) {
    case 'meta':
    case 'payload':
    case 'ct':
      return readField(name, content);
    case 'fib':
      return readFib(content);
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return readBits(name, asList(content), wanted, sets, depth);
    case 'concat':
      return {
        kind: 'tuple',
        parts: asList(content).map((part, index) => readExpression(part, [wanted[index] ?? null], sets, depth + 1)),
      };
    case 'map':
      return isObject(content) ? readMap(content, wanted, sets, depth) : unknown('map');
    case 'prefix':
    case 'range':
    case 'elem':
      return constant(json, wanted);
    default:
      return unknown(name);
  }
}

function readField(kind: string, content: unknown): Expression {
  if (!isObject(content)) return unknown(kind);
  const key = asText(content['key']) ?? '';
  const name =
    kind === 'payload'
      ? `${asText(content['protocol']) ?? '@'} ${asText(content['field']) ?? ''}`
      : kind === 'ct' && content['dir'] !== undefined
        ? // `ip saddr` with its family is how newer versions write `saddr`.
          `ct ${asText(content['dir']) ?? ''} ${key.replace(/^ip6? /, '')}`
        : `${kind} ${key}`;
  return isField(name) ? { kind: 'field', field: name } : unknown(name);
}

function readFib(content: unknown): Expression {
  if (!isObject(content)) return unknown('fib');
  const flags = asList(content['flags']);
  const of = flags.includes('saddr') ? 'source' : flags.includes('daddr') ? 'destination' : undefined;
  const result = content['result'] === 'type' ? 'type' : 'interface';
  if (of === undefined) return unknown('fib');
  if (content['result'] === 'check') return { kind: 'fib', of, result: 'exists', by: fibBy(flags) };
  return { kind: 'fib', of, result, by: fibBy(flags) };
}

function fibBy(flags: readonly unknown[]): { iif: boolean; oif: boolean; mark: boolean } {
  return { iif: flags.includes('iif'), oif: flags.includes('oif'), mark: flags.includes('mark') };
}

function readBits(operator: BitOperator, operands: readonly unknown[], wanted: Shape, sets: NftSets, depth: number): Expression {
  const [first, ...others] = operands;
  let left = readExpression(first, wanted, sets, depth + 1);
  const shape = left.kind === 'constant' ? wanted : shapeOf(left);
  for (const other of others) {
    left = { kind: 'bits', operator, left, right: readExpression(other, shape, sets, depth + 1) };
  }
  return left;
}

function readMap(content: Readonly<Record<string, unknown>>, wanted: Shape, sets: NftSets, depth: number): Expression {
  const key = readExpression(content['key'], [null], sets, depth + 1);
  const data = content['data'];
  if (typeof data === 'string' && data.startsWith('@')) {
    const elements = sets.map(data.slice(1));
    return elements === undefined ? unknown(`map ${data}`) : { kind: 'map', key, elements };
  }
  const pairs = isObject(data) ? data['set'] : undefined;
  return { kind: 'map', key, elements: lazily(() => readMapElements(pairs, shapeOf(key), wanted, sets)) };
}

/** readMapElements reads `[[key, data], …]`; what holds for anything else comes last. */
export function readMapElements(pairs: unknown, keys: Shape, data: Shape, sets: NftSets): MapElement<Expression>[] {
  const elements = asList(pairs).map((pair): MapElement<Expression> => {
    const [key, value] = asList(pair);
    return { key: readPattern(key, keys, sets.patterns), data: constant(value, data) };
  });
  return withAnythingLast(elements);
}

export function withAnythingLast<Data>(elements: readonly MapElement<Data>[]): MapElement<Data>[] {
  return [...elements.filter(({ key }) => key.kind !== 'anything'), ...elements.filter(({ key }) => key.kind === 'anything')];
}

function constant(json: unknown, wanted: Shape): Expression {
  const value = readValue(json, wanted);
  return value === undefined ? unknown('constant') : { kind: 'constant', value };
}

function unknown(what: string): Expression {
  return { kind: 'unknown', what: what.trim() };
}
