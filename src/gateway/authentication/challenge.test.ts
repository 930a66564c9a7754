import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challenge } from './challenge.ts';

const state = 'A'.repeat(22);

test('a challenge carries the state and the name', () => {
  assert.equal(challenge(state, 'bob:é'), `CRV1:R,E:${state}:Ym9iOsOp:Code of your authenticator app`);
});

test('a name that openvpn cannot carry is left out, and one that it just can is not', () => {
  assert.equal(challenge(state, 'x'.repeat(144)).length, 255);
  assert.equal(challenge(state, 'x'.repeat(145)), `CRV1:R,E:${state}::Code of your authenticator app`);
});
