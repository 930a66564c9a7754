import { asList, asText, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { readExpression, readMapElements, withAnythingLast } from './nft-expression.ts';
import type { Shape } from './nft-types.ts';
import { shapeOf, shapeOfType } from './nft-types.ts';
import { readPattern } from './nft-value.ts';
import { readVerdict } from './nft-verdict.ts';
import type { Expression, MapElement, Pattern, Verdict } from './rules.ts';
import { lazily } from './rules.ts';

/** NftSets are the named sets and maps of one table; undefined where there is none of that name. Elements are read when first asked for. */
export type NftSets = {
  readonly patterns: (name: string) => (() => readonly Pattern[]) | undefined;
  readonly map: (name: string) => (() => readonly MapElement<Expression>[]) | undefined;
  readonly verdicts: (name: string) => (() => readonly MapElement<Verdict>[]) | undefined;
};

export function nftSets(declarations: readonly JsonObject[]): NftSets {
  const patterns = new Map<string, () => readonly Pattern[]>();
  const maps = new Map<string, () => readonly MapElement<Expression>[]>();
  const verdicts = new Map<string, () => readonly MapElement<Verdict>[]>();
  const sets: NftSets = {
    patterns: (name) => patterns.get(name),
    map: (name) => maps.get(name),
    verdicts: (name) => verdicts.get(name),
  };
  for (const declaration of declarations) {
    const name = asText(declaration['name']);
    if (name === undefined) continue;
    const keys = shapeOfDeclaration(declaration['type'], sets);
    const elements = asList(declaration['elem']);
    const data = declaration['map'];
    patterns.set(
      name,
      lazily(() => elements.map((element) => readPattern(Array.isArray(element) ? element[0] : element, keys, sets.patterns))),
    );
    if (data === undefined) continue;
    const shape = shapeOfDeclaration(data, sets);
    if (data === 'verdict')
      verdicts.set(
        name,
        lazily(() => readVerdictElements(elements, keys, sets)),
      );
    else
      maps.set(
        name,
        lazily(() => readMapElements(elements, keys, shape, sets)),
      );
  }
  return sets;
}

/** readVerdictElements reads `[[key, {"jump": …}], …]`. */
export function readVerdictElements(pairs: unknown, keys: Shape, sets: NftSets): MapElement<Verdict>[] {
  const elements = asList(pairs).map((pair): MapElement<Verdict> => {
    const [key, verdict] = asList(pair);
    return {
      key: readPattern(key, keys, sets.patterns),
      data: readVerdict(verdict) ?? { kind: 'unknown', what: 'verdict' },
    };
  });
  return withAnythingLast(elements);
}

/** Newer versions print `{"typeof": expression}` where a set was declared so. */
function shapeOfDeclaration(type: unknown, sets: NftSets): Shape {
  if (isObject(type)) return shapeOf(readExpression(type['typeof'], [null], sets));
  return shapeOfType(type) ?? [null];
}
