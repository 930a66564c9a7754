import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorityFacts } from './authority-plan.ts';
import { planAuthority } from './authority-plan.ts';

const year = 365.25 * 86_400_000;
const made = Date.parse('2026-01-01');
const single: AuthorityFacts = {
  now: made,
  current: { notBefore: made, notAfter: made + 20 * year },
  isAnnounced: false,
  isSwitched: false,
  gatewaysBehind: [],
  dependents: 10,
};

const cases: readonly (readonly [name: string, facts: Partial<AuthorityFacts>, plan: string | RegExp])[] = [
  ['a young CA', { now: made + year }, /^2042-01-01, when the next CA is made$/],
  ['four years before its end', { now: made + 16 * year }, 'begin'],
  ['one that has ended', { now: made + 20 * year }, /^somebody runs causeway ca renew --now/],
  ['a gateway that does not believe both', { isAnnounced: true, gatewaysBehind: ['fra-1'] }, /^the lanes of fra-1 believe both/],
  ['gateways that do', { isAnnounced: true }, 'switch'],
  [
    'profiles of the old one',
    { isAnnounced: true, isSwitched: true, now: made + 17 * year },
    /^10 certificates .* until 2045-12-01$/,
  ],
  ['none of the old one any more', { isAnnounced: true, isSwitched: true, now: made + 19 * year, dependents: 0 }, 'retire'],
  ['a month before its end, whoever is left', { isAnnounced: true, isSwitched: true, now: made + 19.95 * year }, 'retire'],
];
for (const [name, facts, expected] of cases) {
  test(`the next step with ${name}`, () => {
    const plan = planAuthority({ ...single, ...facts });
    const text = plan.kind === 'step' ? plan.step : plan.until;
    if (typeof expected === 'string') assert.equal(text, expected);
    else assert.match(text, expected);
  });
}

test('no step is planned twice: each leads to a state with another plan, and the last one to where it began', () => {
  let state = { ...single, now: made + 16 * year, dependents: 0 };
  const steps: string[] = [];
  for (let plan = planAuthority(state); plan.kind === 'step' && steps.length < 9; plan = planAuthority(state)) {
    steps.push(plan.step);
    if (plan.step === 'begin') state = { ...state, isAnnounced: true };
    if (plan.step === 'switch') state = { ...state, isSwitched: true };
    if (plan.step === 'retire')
      state = { ...single, now: state.now, current: { notBefore: state.now, notAfter: state.now + 20 * year }, dependents: 0 };
  }
  assert.deepEqual(steps, ['begin', 'switch', 'retire']);
});
