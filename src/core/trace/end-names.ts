import type { UserId } from '../ids.ts';
import type { Device, WpcModel } from '../model.ts';

export type Named = { readonly id: string; readonly name: string };

/** named gives what has this id or this name; where nothing has it exactly, what has it but for capitals. */
export function named<Thing extends Named>(things: readonly Thing[], wanted: string): readonly Thing[] {
  const lower = wanted.toLowerCase();
  const byId = things.find(({ id }) => id === lower);
  if (byId !== undefined) return [byId];
  const exact = things.filter(({ name }) => name === wanted);
  return exact.length > 0 ? exact : things.filter(({ name }) => name.toLowerCase() === lower);
}

/** deviceNames gives what devices are called: `bob/laptop`. */
export function deviceNames({ users }: WpcModel): (device: Device) => string {
  const names = new Map<UserId, string>(users.map(({ id, name }) => [id, name]));
  return ({ user, name }) => {
    const owner = names.get(user);
    return owner === undefined ? name : `${owner}/${name}`;
  };
}
