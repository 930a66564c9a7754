import type { JsonObject } from './json.ts';
import { isObject, objects, parseJson, strings, text } from './json.ts';
import { kernelPrefix } from './kernel-prefix.ts';
import type { ElementText } from './nft-elements.ts';
import { mapSets } from './nft-elements.ts';
import { chainShape, nftSetNames, setShape } from './nft-table.ts';
import type { ObservedTable } from './observed-kernel.ts';
import { markText } from './ownership.ts';

/** readNftTable reads `nft -j list table inet NAME`. Null if that is not what the text is. */
export function readNftTable(json: string): ObservedTable | null {
  const root = parseJson(json);
  if (!isObject(root) || !Array.isArray(root['nftables'])) return null;
  const items = objects(root['nftables']);
  const ruleNames = new Map<string, string[]>();
  for (const rule of named(items, 'rule')) {
    const chain = text(rule['chain']);
    ruleNames.set(chain, [...(ruleNames.get(chain) ?? []), text(rule['comment'])]);
  }
  const shapes = named(items, 'chain').map((chain) => {
    const base = typeof chain['hook'] === 'string' ? { hook: chain['hook'], priority: Number(chain['prio']) } : null;
    const changed = base !== null && chain['policy'] !== 'accept' ? ` policy ${text(chain['policy'])}` : '';
    return chainShape(text(chain['name']), base, ruleNames.get(text(chain['name'])) ?? []) + changed;
  });
  const sets = [...named(items, 'set'), ...named(items, 'map')];
  const elements = new Map(sets.map((set) => [text(set['name']), set['elem']]));
  return {
    shapes: new Set([...shapes, ...sets.map(shapeOf)]),
    elements: mapSets((name) => new Set(readElements(elements.get(name)))),
  };
}

function named(items: readonly JsonObject[], kind: string): JsonObject[] {
  return items.flatMap((item) => {
    const value = item[kind];
    return isObject(value) ? [value] : [];
  });
}

/** What is not a set of ours, or is another than ours, has a shape that none of ours has. */
function shapeOf(set: JsonObject): string {
  const name = text(set['name']);
  const flags = strings(set['flags']).join(',');
  const known = nftSetNames.some((ours) => ours === name) && (flags === '' || flags === 'interval');
  const value = text(set['map']);
  const shape = { key: strings([set['type']].flat()) as never, interval: flags === 'interval' };
  return setShape(known ? name : `${name} ${flags}`, value === '' ? shape : { ...shape, value: value as never });
}

/** An element that cannot be read is left out: it is not as desired then, and adding it says why. */
function readElements(elements: unknown): ElementText[] {
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element: unknown) => {
    const word = wordOf(element);
    return word === undefined ? [] : [word];
  });
}

/** A device or address is text, a mark a number, a map's element a pair, a concatenation an object, and so is a prefix. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return markText(value);
  if (typeof value === 'string') return kernelPrefix(value) ?? value;
  if (Array.isArray(value)) return wordsOf(value);
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['concat'])) return wordsOf(value['concat']);
  if (!isObject(value['prefix'])) return undefined;
  return kernelPrefix(`${text(value['prefix']['addr'])}/${String(value['prefix']['len'])}`);
}

function wordsOf(values: readonly unknown[]): string | undefined {
  const words = values.map(wordOf);
  return words.every((word) => word !== undefined) ? words.join(' ') : undefined;
}
