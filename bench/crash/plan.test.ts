import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashPlan } from './plan.ts';

test('a plan is the same for a seed, and a longer one begins like a shorter one', () => {
  assert.deepEqual(crashPlan(7, 1_000, false).slice(0, 20), crashPlan(7, 20, false));
  assert.notDeepEqual(crashPlan(7, 20, false), crashPlan(8, 20, false));
});

test('a long plan has every kind of cut, and the agent is killed only where there is one', () => {
  const cuts = (gateway: boolean) => [...new Set(crashPlan(1, 1_000, gateway).map(({ cut }) => cut))].sort();
  const always = ['backend', 'controller', 'database', 'everything', 'power', 'signer', 'supervisor'];
  assert.deepEqual(cuts(false), always);
  assert.deepEqual(cuts(true), ['agent', ...always]);
});
