/** The tutorial's HQ with a third site, and every parameter of a platform with its example: what golden/ shows. */
import assert from 'node:assert/strict';
import { strictAddress } from '../ip/address.ts';
import type { Address4 } from '../ip/address.ts';
import type { Prefix4 } from '../ip/prefix.ts';
import { strictPrefix } from '../ip/prefix.ts';
import type { PlatformId } from './catalogue.ts';
import { platformOf } from './catalogue.ts';
import type { CheckedParameters, ParameterValues, RouteRequest } from './router-commands.ts';
import { checkParameters } from './router-commands.ts';

export function prefix4(text: string): Prefix4 {
  const prefix = strictPrefix(text);
  assert.ok(prefix.family === 4);
  return prefix;
}

export function addressOf(text: string): Address4 {
  const address = strictAddress(text);
  assert.ok(address.family === 4);
  return address;
}

export const exampleRequest: RouteRequest = {
  network: 'HQ Network',
  destinations: ['100.96.0.0/11', '172.16.5.0/25', '192.168.0.0/22', '0.0.0.0/0'].map(prefix4),
  via: addressOf('10.0.0.10'),
  router: addressOf('10.0.0.1'),
  sources: ['100.96.0.0/11', '172.16.5.0/25', '192.168.0.0/22'].map(prefix4),
  lan: [prefix4('10.0.0.0/18')],
};

export function exampleValues(id: PlatformId): ParameterValues {
  return Object.fromEntries(platformOf(id).parameters.map(({ name, example }) => [name, example]));
}

export function checked(id: PlatformId, values: ParameterValues = exampleValues(id)): CheckedParameters {
  const parsed = checkParameters(id, values);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.value;
}
