import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectorId, EndpointId, NetworkId } from '../ids.ts';
import type { Standing } from './owners.ts';
import { chooseOwners } from './owners.ts';
import type { Pool } from './pool.ts';

const endpointOf = (letter: string): EndpointId => `connector:${letter as ConnectorId}`;

/** One letter for each connector in order: `h`ealthy, `n`ew, `r`ecovering, `u`nhealthy, `-` not there; upper case: draining. */
function owners(letters: string, previous: string, options: Partial<Pool> = {}): string {
  const standings = new Map(Array.from(letters).map((letter, n) => [endpointOf('ABC'[n] ?? ''), standing(letter)]));
  const pool: Pool = {
    id: `network:${'n' as NetworkId}`,
    candidates: [...standings.keys()],
    sharing: false,
    whenNoneIsHealthy: 'keep',
    ...options,
  };
  const choices = chooseOwners(
    [pool],
    (endpoint) => standings.get(endpoint) ?? assert.fail(),
    new Map([[pool.id, Array.from(previous, endpointOf)]]),
  );
  const choice = choices.get(pool.id) ?? assert.fail();
  return `${choice.owners.map((owner) => owner.slice('connector:'.length)).join('')} ${choice.why}`.trim();
}

function standing(letter: string): Standing {
  const states = { h: 'healthy', n: 'new', r: 'recovering', u: 'unhealthy', '-': 'unhealthy' } as const;
  const health = states[letter.toLowerCase() as keyof typeof states];
  return { isAttached: letter !== '-', isDraining: letter !== '-' && letter !== letter.toLowerCase(), health };
}

const sharing = { sharing: true };
const refuse = { whenNoneIsHealthy: 'refuse' } as const;

const cases: readonly (readonly [string, letters: string, previous: string, expected: string, options?: Partial<Pool>])[] = [
  ['the first that is healthy', 'hh', '', 'A best'],
  ['the second when the first fails', 'uh', 'A', 'B best'],
  ['the first gets nothing back while it recovers', 'rh', 'B', 'B best'],
  ['the first has it back when it is healthy', 'hh', 'B', 'A best'],
  ['who is new takes nothing from a healthy one', 'nh', 'B', 'B best'],
  ['who is new keeps what it has', 'nh', 'A', 'A best'],
  ['who is new is better than one that recovers', 'rn', 'A', 'B best'],
  ['of those that recover, who has it keeps it', 'rr', 'B', 'B recovering'],
  ['draining: new flows go elsewhere', 'Hh', 'A', 'B best'],
  ['draining: also to one that recovers', 'Hr', 'A', 'B recovering'],
  ['draining: not to one that is unhealthy', 'Hu', 'A', 'A draining'],
  ['all draining: who has it keeps it', 'HH', 'B', 'B draining'],
  ['none is healthy: who has it keeps it', 'uu', 'B', 'B kept'],
  ['none is healthy, and who had it is gone', 'u-', 'B', 'A kept'],
  ['none is healthy and one is draining', 'Uu', '', 'B kept'],
  ['none is healthy: refused', 'uu', 'B', 'refused', refuse],
  ['one that recovers is not refused', 'ur', 'B', 'B recovering', refuse],
  ['alone: whoever is there, healthy or not', 'u', '', 'A best'],
  ['alone: refused if unhealthy', 'u', 'A', 'refused', refuse],
  ['alone and not there', '-', 'A', 'nobody'],
  ['nobody is there', '--', 'B', 'nobody'],
  ['sharing: all that are healthy', 'hrh', 'A', 'AC sharing', sharing],
  ['sharing: none is healthy, the last ones keep it', 'uuu', 'BC', 'BC kept', sharing],
  ['sharing ended: one stays', 'uuu', 'BC', 'B kept'],
];

describe('chooseOwners', () => {
  for (const [name, letters, previous, expected, options] of cases) {
    it(name, () => assert.equal(owners(letters, previous, options), expected));
  }
});
