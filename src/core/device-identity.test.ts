import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceEnforcement, MachineDemand, MachineVerdict } from './device-identity.ts';
import { judgeMachine, machineDemand } from './device-identity.ts';

const mac = '02:42:ac:11:00:02';

for (const [enforcement, known, said, demand, verdict] of [
  ['OFF', '', undefined, { kind: 'none' }, 'fits'],
  ['OFF', mac, 'another', { kind: 'none' }, 'fits'],
  ['LEARN_AND_ENFORCE', '', mac, { kind: 'learn' }, 'fits'],
  ['LEARN_AND_ENFORCE', '', undefined, { kind: 'learn' }, 'unnamed'],
  ['LEARN_AND_ENFORCE', '', '  ', { kind: 'learn' }, 'unnamed'],
  ['LEARN_AND_ENFORCE', '02:42:AC:11:00:02 ', mac, { kind: 'bound', machine: mac }, 'fits'],
  ['LEARN_AND_ENFORCE', mac, '02:42:AC:11:00:02', { kind: 'bound', machine: mac }, 'fits'],
  ['LEARN_AND_ENFORCE', mac, '02:42:ac:11:00:03', { kind: 'bound', machine: mac }, 'other'],
  ['LEARN_AND_ENFORCE', mac, undefined, { kind: 'bound', machine: mac }, 'unnamed'],
  ['ENFORCE', '', mac, { kind: 'bound', machine: null }, 'none-known'],
  ['ENFORCE', '', undefined, { kind: 'bound', machine: null }, 'none-known'],
  ['ENFORCE', mac, mac, { kind: 'bound', machine: mac }, 'fits'],
  ['ENFORCE', mac, '', { kind: 'bound', machine: mac }, 'unnamed'],
] satisfies [DeviceEnforcement, string, string | undefined, MachineDemand, MachineVerdict][]) {
  test(`${enforcement}, known ${JSON.stringify(known)}, said ${JSON.stringify(said ?? null)}: ${verdict}`, () => {
    assert.deepEqual(machineDemand(enforcement, known), demand);
    assert.equal(judgeMachine(demand, said), verdict);
  });
}

test('what is longer than a client can say is compared as far as it can', () => {
  const long = 'x'.repeat(100);
  assert.equal(judgeMachine(machineDemand('ENFORCE', long), long.slice(0, 64)), 'fits');
});
