import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectorId, EndpointId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Health } from './health.ts';
import { attached, newHealth, probed } from './health.ts';
import { chooseOwners } from './owners.ts';
import type { Owners, Pool } from './pool.ts';
import { defaultFailoverTimings as timings } from './timings.ts';

const [first, second]: readonly [EndpointId, EndpointId] = [`connector:${'1' as ConnectorId}`, `connector:${'2' as ConnectorId}`];
const target = '10.0.0.1' as AddressText;
const pool: Pool = {
  id: `network:${'n' as NetworkId}`,
  candidates: [first, second],
  sharing: false,
  whenNoneIsHealthy: 'keep',
};

/** Gives who had the routes in turn, with the default times; `works` says at a millisecond whether the first connector answers. */
function ownersOver(durationMs: number, works: (atMs: number) => boolean): string[] {
  const health = new Map<EndpointId, Health>(
    pool.candidates.map((id) => [
      id,
      attached(newHealth({ tunnel: '100.96.0.100' as AddressText, targets: [target] }, false, 0), 0),
    ]),
  );
  let owners: Owners = new Map();
  const turns: string[] = [];
  for (let now = 0; now < durationMs; now += timings.periodMs) {
    for (const [id, before] of health) {
      const answers = id === second || works(now);
      const result = answers
        ? ({ kind: 'answered', address: target, roundTripMs: 5 } as const)
        : ({ kind: 'missed', address: target } as const);
      health.set(
        id,
        probed(before, result, () => true, timings, now),
      );
    }
    const standingOf = (id: EndpointId) => ({
      isAttached: true,
      isDraining: false,
      health: health.get(id)?.state ?? assert.fail(),
    });
    const choice = chooseOwners([pool], standingOf, owners).get(pool.id) ?? assert.fail();
    owners = new Map([[pool.id, choice.owners]]);
    const owner = choice.owners.map((id) => (id === first ? 'first' : 'second')).join();
    if (turns.at(-1) !== owner) turns.push(owner);
  }
  return turns;
}

const minuteMs = 60_000;
const flaps = (atMs: number) => Math.floor(atMs / 2_000) % 2 === 0;

test('a connector that comes and goes every two seconds for a minute moves the routes once', () => {
  assert.deepEqual(ownersOver(minuteMs, flaps), ['first', 'second']);
});

test('it has them back when it has been well for the time of recovery after that, and not before', () => {
  const quietAfter = (atMs: number) => atMs >= minuteMs || flaps(atMs);
  const back = minuteMs + timings.recoveryMs;
  assert.deepEqual(ownersOver(back - timings.periodMs, quietAfter), ['first', 'second']);
  assert.deepEqual(ownersOver(back + 3 * timings.periodMs, quietAfter), ['first', 'second', 'first']);
});
