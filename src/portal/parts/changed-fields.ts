/** changedFields gives the fields of a form that differ from what the object had when it was read. */
export function changedFields<Values extends object>(before: object, values: Values): Partial<Values> {
  const had = new Map(Object.entries(before).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== undefined && had.get(name) !== JSON.stringify(value)),
  ) as Partial<Values>;
}
