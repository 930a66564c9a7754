/** changedFields gives the fields of a form that differ from what the object had when it was read. */
export function changedFields<Values extends object>(before: object, values: Values): Partial<Values> {
  const had = new Map(Object.entries(before).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== undefined && had.get(name) !== JSON.stringify(value)),
  ) as Partial<Values>;
}

/** changesOf is changedFields of a form that may be wrong; undefined while it is, and where nothing differs: there is nothing to send then. */
export function changesOf<Values extends object>(before: object, values: Values | undefined): Partial<Values> | undefined {
  if (values === undefined) return undefined;
  const changed = changedFields(before, values);
  return Object.keys(changed).length === 0 ? undefined : changed;
}
