import type { GatewayConfiguration } from './gateway-configuration.ts';

/**
 * ConfigurationDelta is what turns the configuration of revision `from` into that of revision `to`. It travels instead of a snapshot
 * (design.md 3), so a change to one of 5,000 endpoints costs one entry.
 */
export type ConfigurationDelta = {
  readonly from: number;
  readonly to: number;
  readonly gateway?: GatewayConfiguration['gateway'];
} & { readonly [Map in KeyedMap]?: KeyedDelta<GatewayConfiguration[Map]> };

export type KeyedDelta<Keyed> = { readonly set: Partial<Keyed>; readonly remove: readonly (keyof Keyed)[] };

/** The fields of a configuration that are maps. A field that is neither listed here nor handled by name does not compile. */
type KeyedMap = Exclude<keyof GatewayConfiguration, 'revision' | 'gateway'>;
const keyedMaps = {
  lanes: true,
  endpoints: true,
  certificates: true,
  prefixes: true,
  networks: true,
  egress: true,
} satisfies Record<KeyedMap, true>;

/** diffConfiguration gives the delta between two configurations of one gateway. Maps without a difference are absent. */
export function diffConfiguration(from: GatewayConfiguration, to: GatewayConfiguration): ConfigurationDelta {
  const maps = Object.fromEntries(
    Object.keys(keyedMaps).flatMap((name) => {
      const map = name as KeyedMap;
      const delta = diffMap<unknown>(from[map], to[map]);
      return delta === undefined ? [] : [[map, delta]];
    }),
  );
  return {
    from: from.revision,
    to: to.revision,
    ...(sameValue(from.gateway, to.gateway) ? {} : { gateway: to.gateway }),
    ...maps,
  };
}

/** isEmptyDelta is true if nothing but the revision differs; a gateway is then told the revision alone. */
export function isEmptyDelta(delta: ConfigurationDelta): boolean {
  return Object.keys(delta).length === 2;
}

/**
 * applyDelta gives the configuration of revision `delta.to`; the input is left as it was. Throws RangeError if the configuration is
 * not of revision `delta.from`: the receiver must then fetch a snapshot.
 */
export function applyDelta(configuration: GatewayConfiguration, delta: ConfigurationDelta): GatewayConfiguration {
  if (configuration.revision !== delta.from) {
    throw new RangeError(`a delta from revision ${delta.from} cannot be applied to revision ${configuration.revision}`);
  }
  const maps = Object.fromEntries(
    Object.keys(keyedMaps).map((name) => {
      const map = name as KeyedMap;
      const change = delta[map];
      return [map, change === undefined ? configuration[map] : applyMap<unknown>(configuration[map], change)];
    }),
  ) as Pick<GatewayConfiguration, KeyedMap>;
  return { revision: delta.to, gateway: delta.gateway ?? configuration.gateway, ...maps };
}

type Entries<Value> = Readonly<Record<string, Value>>;
type EntriesDelta<Value> = { readonly set: Partial<Record<string, Value>>; readonly remove: readonly string[] };

function diffMap<Value>(from: Entries<Value>, to: Entries<Value>): EntriesDelta<Value> | undefined {
  const set: Record<string, Value> = {};
  const keys = Object.keys(to);
  let kept = 0;
  let changed = false;
  for (const key of keys) {
    const value = to[key];
    const old = from[key];
    if (old !== undefined) kept += 1;
    if (value === undefined || sameValue(old, value)) continue;
    set[key] = value;
    changed = true;
  }
  const old = Object.keys(from);
  // Usually nothing was removed, and then the second look-up of every key is spared.
  const remove = kept === old.length ? [] : old.filter((key) => to[key] === undefined);
  return remove.length === 0 && !changed ? undefined : { set, remove };
}

function applyMap<Value>(entries: Entries<Value>, delta: EntriesDelta<Value>): Entries<Value> {
  const result: Record<string, Value> = { ...entries };
  for (const key of delta.remove) delete result[key];
  for (const [key, value] of Object.entries(delta.set)) if (value !== undefined) result[key] = value;
  return result;
}

/** sameValue compares plain JSON values. Field by field: comparing their JSON texts took several times as long (bench/compile.ts). */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Entries<unknown>, b as Entries<unknown>];
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) if (!sameValue(left[key], right[key])) return false;
  return true;
}
