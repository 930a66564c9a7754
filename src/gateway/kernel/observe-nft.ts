import type { PrefixText } from '../../core/ip/prefix.ts';
import type { AttachedKey } from './desired-kernel.ts';
import type { JsonObject } from './json.ts';
import { isObject, objects, parseJson, strings, text } from './json.ts';
import { kernelPrefix } from './kernel-prefix.ts';
import { chainShape, setShape } from './nft-table.ts';
import type { ObservedTable } from './observed-kernel.ts';

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
  const sets = named(items, 'set');
  shapes.push(...sets.map((set) => setShape(text(set['name']), strings([set['type']].flat()), strings(set['flags']))));
  const elements = (name: string) => sets.find((set) => set['name'] === name)?.['elem'];
  return {
    shapes: new Set(shapes),
    open: new Set(strings(elements('open'))),
    hosts: new Set(readElements(elements('hosts'))),
    sites: new Set(readElements(elements('sites'))),
  };
}

function named(items: readonly JsonObject[], kind: string): JsonObject[] {
  return items.flatMap((item) => {
    const value = item[kind];
    return isObject(value) ? [value] : [];
  });
}

function readElements(elements: unknown): AttachedKey[] {
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element: unknown) => {
    const parts: unknown = isObject(element) ? element['concat'] : undefined;
    if (!Array.isArray(parts) || typeof parts[0] !== 'string') return [];
    const prefix = source(parts[1]);
    return prefix === undefined ? [] : [`${parts[0]} ${prefix}` as const];
  });
}

function source(value: unknown): PrefixText | undefined {
  if (typeof value === 'string') return kernelPrefix(value);
  if (!isObject(value) || !isObject(value['prefix'])) return undefined;
  return kernelPrefix(`${text(value['prefix']['addr'])}/${String(value['prefix']['len'])}`);
}
