/** Constants of nft's JSON: single values, ranges, prefixes, tuples and sets, in places where the types are known from what stands beside. */
import { tryParseAddress } from '../../ip/address.ts';
import { addressBits, firstAddress, lastAddress, prefixOf } from '../../ip/prefix.ts';
import { readScalar } from './constants.ts';
import { asList, entryOf, isObject } from './json.ts';
import type { Shape } from './nft-types.ts';
import type { Interval, Pattern, Scalar, Value } from './rules.ts';

/** The patterns of a named set; undefined where the table has no such set. */
export type SetPatterns = (name: string) => (() => readonly Pattern[]) | undefined;

/** readPattern reads the right side of a match, or an element of a set. */
export function readPattern(json: unknown, shape: Shape, sets: SetPatterns): Pattern {
  const type = shape.length === 1 ? (shape[0] ?? null) : null;
  if (typeof json === 'string' && json.startsWith('@')) {
    const patterns = sets(json.slice(1));
    return patterns === undefined ? unknown(`set ${json}`) : { kind: 'one-of', patterns };
  }
  if (json === '*') return { kind: 'anything' };
  const entry = entryOf(json);
  if (entry !== undefined) {
    const [name, content] = entry;
    switch (name) {
      case 'set': {
        const elements = Array.isArray(content) ? content : [content];
        const patterns = elements.map((element) => readPattern(element, shape, sets));
        return { kind: 'one-of', patterns: () => patterns };
      }
      case 'elem':
        return isObject(content) ? readPattern(content['val'], shape, sets) : unknown('element');
      case 'concat': {
        const parts = asList(content);
        if (parts.length !== shape.length) return unknown('concatenation');
        return { kind: 'tuple', parts: parts.map((part, index) => readPattern(part, [shape[index] ?? null], sets)) };
      }
      case 'range':
      case 'prefix': {
        const interval = readInterval(name, content, type);
        return interval === undefined ? unknown(name) : { kind: 'range', ...interval };
      }
      default:
    }
  }
  const scalar = readOneScalar(json, type);
  if (scalar === undefined) return unknown(describe(json));
  if (type === 'interface' && typeof scalar === 'string' && scalar.endsWith('*'))
    return { kind: 'starts', text: scalar.slice(0, -1) };
  return { kind: 'exact', value: scalar };
}

/** readValue reads a constant that is not compared but used: the address of a NAT, the data of a map. */
export function readValue(json: unknown, shape: Shape): Value | undefined {
  const type = shape.length === 1 ? (shape[0] ?? null) : null;
  const entry = entryOf(json);
  if (entry !== undefined) {
    const [name, content] = entry;
    if (name === 'concat') {
      const parts = asList(content).map((part, index) => readValue(part, [shape.length === 1 ? null : (shape[index] ?? null)]));
      return parts.includes(undefined) ? undefined : parts.filter((part) => part !== undefined);
    }
    if (name === 'range' || name === 'prefix') return readInterval(name, content, type);
    if (name === 'elem' && isObject(content)) return readValue(content['val'], shape);
  }
  return readOneScalar(json, type);
}

/** Flags come as a list or with `|` between them; where the type is not known, addresses and numbers explain themselves. */
function readOneScalar(json: unknown, type: Shape[number]): Scalar | undefined {
  if (type === null) {
    if (typeof json === 'number') return json;
    return typeof json === 'string' ? tryParseAddress(json)?.value : undefined;
  }
  const flags = Array.isArray(json) ? json : isObject(json) ? json['|'] : undefined;
  if (flags === undefined) return readScalar(json, type);
  let all = 0;
  for (const flag of asList(flags)) {
    const bits = isObject(flag) ? undefined : readScalar(flag, type);
    if (typeof bits !== 'number') return undefined;
    all = (all | bits) >>> 0;
  }
  return all;
}

function readInterval(name: 'range' | 'prefix', content: unknown, type: Shape[number]): Interval | undefined {
  if (name === 'range') {
    const [from, to] = asList(content).map((end) => readOneScalar(end, type));
    return from === undefined || to === undefined || typeof from !== typeof to ? undefined : { from, to };
  }
  if (!isObject(content) || typeof content['addr'] !== 'string') return undefined;
  const address = tryParseAddress(content['addr']);
  const length = content['len'];
  if (address === undefined || typeof length !== 'number' || !Number.isInteger(length)) return undefined;
  if (length < 0 || length > addressBits(address.family)) return undefined;
  const prefix = prefixOf(address, length);
  return { from: firstAddress(prefix).value, to: lastAddress(prefix).value };
}

function unknown(what: string): Pattern {
  return { kind: 'unknown', what };
}

function describe(json: unknown): string {
  return typeof json === 'string' || typeof json === 'number' ? `"${String(json)}"` : (entryOf(json)?.[0] ?? 'value');
}
