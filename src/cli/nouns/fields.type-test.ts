import type { deviceUpdate } from '../../contract/api/device.ts';
import type { FieldTable } from './fields.ts';

const name = { option: 'name', description: 'another name' };
const without = { without: 'a reason' };

export const whole: FieldTable<typeof deviceUpdate> = { name, description: without, clientUUID: without };

// @ts-expect-error A field of the request about which nobody has decided.
export const oneIsMissing: FieldTable<typeof deviceUpdate> = { name, description: without };

export const oneTooMany: FieldTable<typeof deviceUpdate> = {
  name,
  description: without,
  clientUUID: without,
  // @ts-expect-error A field that the request does not have.
  colour: name,
};

// @ts-expect-error An option without words for the help.
export const noWords: FieldTable<typeof deviceUpdate> = { name: { option: 'name' }, description: without, clientUUID: without };
