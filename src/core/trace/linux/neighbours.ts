import type { Address } from '../../ip/address.ts';
import { formatAddress, tryParseAddress } from '../../ip/address.ts';
import type { ObservedMachine } from '../input.ts';
import { field, readRecords, textField, textsField } from './json-section.ts';
import type { Known } from './known.ts';

/** NeighbourState: `answers` has a link address that may be used; `no-answer` was asked in vain, or is being asked. */
export type NeighbourState = 'answers' | 'no-answer';

export type Neighbour = { readonly state: NeighbourState; readonly text: string };

/** Neighbours by `neighbourKey`. */
export type Neighbours = ReadonlyMap<string, Neighbour>;

export function neighbourKey(device: string, address: Address): string {
  return `${device} ${formatAddress(address)}`;
}

/** readNeighbours reads the section `neigh`. Entries that only answer for others (proxy) are none. */
export function readNeighbours(machine: ObservedMachine): Known<Neighbours> {
  const read = readRecords(machine, 'neigh', (record) => {
    const address = tryParseAddress(textField(record, 'dst') ?? '');
    const device = textField(record, 'dev');
    if (address === undefined || device === undefined) return undefined;
    const states = textsField(record, 'state');
    const link = textField(record, 'lladdr');
    const text = [formatAddress(address), 'dev', device, ...(link === undefined ? [] : ['lladdr', link]), ...states].join(' ');
    const proxy = field(record, 'proxy') !== undefined;
    return { key: neighbourKey(device, address), proxy, neighbour: { state: stateOf(states), text } };
  });
  if (!read.known) return read;
  const entries = read.value.filter(({ proxy }) => !proxy);
  return { ...read, value: new Map(entries.map(({ key, neighbour }) => [key, neighbour])) };
}

function stateOf(states: readonly string[]): NeighbourState {
  return states.includes('FAILED') || states.includes('INCOMPLETE') ? 'no-answer' : 'answers';
}
