import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeviceAuthentication } from './connect-authentication.ts';
import { deviceAuthentication, isAsked, priorAuthenticationMs } from './connect-authentication.ts';

const at = 1_000_000;
const prior = (until: number | null): DeviceAuthentication => ({ kind: 'prior', until });

describe('what a gateway is told of a device', () => {
  for (const [demand, authenticatedAt, told] of [
    ['NO_AUTH', at, { kind: 'none' }],
    ['ON_PRIOR_AUTH', null, prior(null)],
    ['ON_PRIOR_AUTH', at, prior(at + 43_200_000)],
    ['EVERY_TIME', at, { kind: 'every-time' }],
  ] as const)
    test(`${demand}, authenticated ${String(authenticatedAt)}`, () => {
      assert.deepEqual(deviceAuthentication(demand, authenticatedAt), told);
    });
});

describe('who is asked', () => {
  for (const [name, authentication, continues, asked] of [
    ['nobody without a demand', { kind: 'none' }, false, false],
    ['who never was', prior(null), false, true],
    ['who was within twelve hours: no', prior(at + 1), false, false],
    ['who was, to the moment when it ends', prior(at), false, true],
    ['who was, too long ago', prior(at - 1), false, true],
    ['who goes on after the twelve hours: no', prior(at - priorAuthenticationMs), true, false],
    ['each new connection', { kind: 'every-time' }, false, true],
    ['who goes on: no', { kind: 'every-time' }, true, false],
  ] as const)
    test(name, () => assert.equal(isAsked(authentication, continues, at), asked));
});
