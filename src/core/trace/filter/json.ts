/** Looking into JSON that a machine sent: nothing is believed to be there, and nothing throws. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** entryOf is name and content of an object that has exactly one, as nft writes expressions and statements: `{"match": {…}}`. */
export function entryOf(value: unknown): readonly [string, unknown] | undefined {
  if (!isObject(value)) return undefined;
  const [name, another] = Object.keys(value);
  return name === undefined || another !== undefined ? undefined : [name, value[name]];
}
