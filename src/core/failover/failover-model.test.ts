import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ConnectorId, EndpointId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Health } from './health.ts';
import { attached, detached, newHealth, probed } from './health.ts';
import { chooseOwners } from './owners.ts';
import type { Owners, Pool, PoolId } from './pool.ts';
import type { FailoverTimings } from './timings.ts';
import { defaultFailoverTimings } from './timings.ts';

/**
 * The real thing beside a second, naive one: it keeps the whole history and works everything out from it again each time. Both see the
 * same three connectors of one network, whose links, LANs and tunnels come and go at random.
 */
const timings: FailoverTimings = { ...defaultFailoverTimings, recoveryMs: 2_000 };
const { periodMs, recoveryMs } = timings;
const recoverySteps = recoveryMs / periodMs;
const numbers: readonly number[] = [0, 1, 2];
const endpoints = numbers.map((n): EndpointId => `connector:${String(n) as ConnectorId}`);
const lan = '10.0.0.1' as AddressText;
const tunnelOf = (n: number) => `100.96.0.${String(100 + n)}` as AddressText;

const ordered = (...order: readonly number[]) => order.map((n) => endpoints[n] ?? assert.fail());
const pools: readonly Pool[] = [
  { id: `network:${'a' as NetworkId}`, candidates: ordered(0, 1, 2), sharing: false, whenNoneIsHealthy: 'keep' },
  { id: `network:${'b' as NetworkId}`, candidates: ordered(0, 1, 2), sharing: true, whenNoneIsHealthy: 'keep' },
  { id: 'egress:e1', candidates: ordered(0, 1, 2), sharing: false, whenNoneIsHealthy: 'refuse' },
  { id: 'egress:e2', candidates: ordered(2, 0, 1), sharing: false, whenNoneIsHealthy: 'keep' },
];

/** What is true of a connector; the models only see what its probes say. */
type Truth = { attached: boolean; link: boolean; lan: boolean; draining: boolean; answersPings: boolean };

type Happening = {
  readonly what: 'attached' | 'link' | 'lan' | 'draining' | 'wait';
  readonly who: number;
  readonly steps: number;
};

type Entry = { readonly at: number; readonly who: number; readonly what: 'attach' | 'detach' | Heard };
type Heard = 'lan-answer' | 'lan-miss' | 'tunnel-answer' | 'tunnel-miss';

/** Pair is both models of the same three connectors. */
class Pair {
  readonly truths: Truth[];
  readonly history: Entry[] = [];
  health: Health[];
  owners: Owners = new Map();
  naive = new Map<PoolId, readonly number[]>();
  now = 0;
  #lanHasAnswered = false;

  constructor(answersPings: readonly boolean[]) {
    this.truths = numbers.map((n) => ({
      attached: false,
      link: true,
      lan: true,
      draining: false,
      answersPings: answersPings[n] ?? true,
    }));
    this.health = numbers.map((n) => newHealth({ tunnel: tunnelOf(n), targets: [lan] }, false, 0));
  }

  happen({ what, who, steps }: Happening): void {
    const truth = this.truths[who];
    if (truth === undefined) return;
    if (what === 'wait') for (let step = 0; step < steps; step += 1) this.#step();
    else truth[what] = !truth[what];
    if (what === 'attached') {
      this.history.push({ at: this.now, who, what: truth.attached ? 'attach' : 'detach' });
      this.#change(who, (health) => (truth.attached ? attached(health, this.now) : detached(health, this.now)));
    }
    this.decide();
  }

  /** One probe of each address through each connector. */
  #step(): void {
    this.now += periodMs;
    for (const who of numbers) {
      const truth = this.truths[who];
      if (truth === undefined || !truth.attached) continue;
      this.#hear(who, truth.link && truth.answersPings ? 'tunnel-answer' : 'tunnel-miss');
      this.#hear(who, truth.link && truth.lan ? 'lan-answer' : 'lan-miss');
    }
    this.decide();
  }

  #hear(who: number, what: Heard): void {
    this.history.push({ at: this.now, who, what });
    if (what === 'lan-answer') this.#lanHasAnswered = true;
    const address = what.startsWith('lan') ? lan : tunnelOf(who);
    const result = what.endsWith('answer')
      ? ({ kind: 'answered', address, roundTripMs: 10 } as const)
      : ({ kind: 'missed', address } as const);
    this.#change(who, (health) => probed(health, result, () => this.#lanHasAnswered, timings, this.now));
  }

  #change(who: number, change: (health: Health) => Health): void {
    this.health = this.health.map((health, n) => (n === who ? change(health) : health));
  }

  decide(): void {
    const choices = chooseOwners(
      pools,
      (endpoint) => {
        const n = endpoints.indexOf(endpoint);
        const { isAttached, state } = this.health[n] ?? assert.fail();
        return { isAttached, isDraining: this.truths[n]?.draining ?? false, health: state };
      },
      this.owners,
    );
    this.owners = new Map([...choices].map(([id, { owners }]) => [id, owners]));
    const states = numbers.map((who) => naiveState(this.history, who, this.now));
    this.naive = new Map(pools.map((pool) => [pool.id, naiveOwners(pool, this.truths, states, this.naive.get(pool.id) ?? [])]));
    assert.deepEqual(
      this.health.map(({ state }) => state),
      states,
      'both say the same of each connector',
    );
    for (const { id } of pools) assert.deepEqual(this.ownersOf(id), this.naive.get(id), `both choose the same for ${id}`);
  }

  ownersOf(id: PoolId): number[] {
    return (this.owners.get(id) ?? []).map((endpoint) => endpoints.indexOf(endpoint));
  }
}

/** The state of a connector from everything that was ever heard. */
function naiveState(history: readonly Entry[], who: number, now: number): Health['state'] {
  let state: 'good' | 'bad' | 'unknown' | 'mute' = 'bad';
  let everFailed = false;
  let goodSince = 0;
  history.forEach((entry, index) => {
    if (entry.who !== who) return;
    const before = history.slice(0, index + 1);
    const own = before.filter((other) => other.who === who);
    const tunnel = own.slice(own.findLastIndex(({ what }) => what === 'attach'));
    const counts = before.some(({ what }) => what === 'lan-answer') ? 'lan' : 'tunnel';
    const lastThreeMissed = (kind: string) => {
      const three = tunnel.filter(({ what }) => what.startsWith(kind)).slice(-3);
      return three.length === 3 && three.every(({ what }) => what.endsWith('miss'));
    };
    const everAnsweredPings = own.some(({ what }) => what === 'tunnel-answer');
    if (entry.what === 'detach') {
      state = 'bad';
      everFailed = true;
    } else if (entry.what === 'attach') {
      state = 'unknown';
    } else if (lastThreeMissed(counts) && (counts === 'lan' || everAnsweredPings)) {
      state = 'bad';
      everFailed = true;
    } else if (state === 'unknown' && lastThreeMissed('tunnel') && !everAnsweredPings) {
      state = 'mute';
    } else if (state !== 'good') {
      const last = tunnel.findLast(({ what }) => what.startsWith(counts));
      if (entry.what.endsWith('answer') && last?.what.endsWith('answer') === true) {
        state = 'good';
        goodSince = everFailed ? entry.at : Number.NEGATIVE_INFINITY;
      }
    }
  });
  switch (state as 'good' | 'bad' | 'unknown' | 'mute') {
    case 'good':
      return now - goodSince >= recoveryMs ? 'healthy' : 'recovering';
    case 'unknown':
      return everFailed ? 'unhealthy' : 'new';
    case 'mute':
      return 'recovering';
    case 'bad':
      return 'unhealthy';
  }
}

/** Everybody is compared with everybody; who is beaten by nobody has it. */
function naiveOwners(
  pool: Pool,
  truths: readonly Truth[],
  states: readonly Health['state'][],
  previous: readonly number[],
): number[] {
  const level = (n: number) => {
    const [truth, state] = [truths[n], states[n]];
    if (truth?.attached !== true) return 9;
    if (state === 'unhealthy') return pool.whenNoneIsHealthy === 'refuse' ? 9 : 4;
    if (truth.draining) return 3;
    return state === 'recovering' ? 2 : 1;
  };
  const place = (n: number) => pool.candidates.indexOf(endpoints[n] ?? assert.fail());
  const owns = (n: number) => previous.includes(n);
  const beats = (a: number, b: number): boolean => {
    if (level(a) !== level(b)) return level(a) < level(b);
    if (owns(a) !== owns(b)) {
      if (owns(a)) return !beats(b, a);
      return level(a) === 1 && states[a] === 'healthy' && place(a) < place(b);
    }
    if (level(a) === 1 && states[a] !== states[b]) return states[a] === 'healthy';
    if (level(a) === 4 && truths[a]?.draining !== truths[b]?.draining && !owns(a)) return truths[b]?.draining === true;
    return place(a) < place(b);
  };
  const least = Math.min(...numbers.map(level));
  if (least === 9) return [];
  const best = numbers.filter((n) => level(n) === least);
  if (!pool.sharing) return best.filter((n) => best.every((other) => other === n || beats(n, other)));
  const together = best.filter((n) => owns(n) || (least === 1 && states[n] === 'healthy'));
  return together.length > 0 ? together : best.filter((n) => best.every((other) => other === n || beats(n, other)));
}

const happening = fc.record({
  what: fc.constantFrom('attached', 'link', 'lan', 'draining', 'wait', 'wait', 'wait', 'wait'),
  who: fc.constantFrom(...numbers),
  steps: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(recoverySteps)),
});
const runs = fc.record({
  answersPings: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  happenings: fc.array(happening, { maxLength: 25 }),
});

/** Plays a run and calls `look` after each happening. */
function play(
  { answersPings, happenings }: { readonly answersPings: readonly boolean[]; readonly happenings: readonly Happening[] },
  look: (pair: Pair, before: Owners) => void,
): Pair {
  const pair = new Pair(answersPings);
  for (const who of numbers) pair.happen({ what: 'attached', who, steps: 0 });
  for (const next of happenings) {
    const single = next.what === 'wait' ? Array.from({ length: next.steps }, () => ({ ...next, steps: 1 })) : [next];
    for (const one of single) {
      const before = pair.owners;
      pair.happen(one);
      look(pair, before);
    }
  }
  return pair;
}

describe('failover, whatever fails in whatever order', () => {
  it('is what a naive second model says, and never has two owners where one is required', () => {
    fc.assert(
      fc.property(runs, (run) => {
        play(run, (pair) => {
          for (const { id, sharing } of pools) assert.ok(sharing || pair.ownersOf(id).length <= 1);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does not flap: who lost the routes by a failure has them back only after its recovery, or when nobody else is healthy', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const lostAt = new Map<string, number>();
        play(run, (pair, before) => {
          for (const { id } of pools) {
            const had = (before.get(id) ?? []).map((endpoint) => endpoints.indexOf(endpoint));
            const has = pair.ownersOf(id);
            for (const n of had) {
              if (!has.includes(n) && pair.health[n]?.state === 'unhealthy') lostAt.set(`${id} ${String(n)}`, pair.now);
            }
            for (const n of has.filter((owner) => !had.includes(owner))) {
              const others = numbers.filter((other) => other !== n && pair.truths[other]?.draining === false);
              const isNeeded = others.every((other) => pair.health[other]?.state !== 'healthy');
              const isSoon = pair.now - (lostAt.get(`${id} ${String(n)}`) ?? Number.NEGATIVE_INFINITY) < recoveryMs;
              assert.ok(!isSoon || isNeeded, `${String(n)} has ${id} back too soon`);
            }
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the owner of a network if all are unhealthy, and refuses internet traffic then and only then', () => {
    fc.assert(
      fc.property(runs, (run) => {
        play(run, (pair, before) => {
          const none = pair.health.every(({ state }) => state === 'unhealthy');
          for (const { id, whenNoneIsHealthy } of pools) {
            if (whenNoneIsHealthy === 'refuse') assert.equal(pair.ownersOf(id).length === 0, none);
            else if (none) {
              const still = (before.get(id) ?? []).filter(
                (endpoint) => pair.health[endpoints.indexOf(endpoint)]?.isAttached === true,
              );
              if (still.length > 0) assert.deepEqual(pair.owners.get(id), still);
            }
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('ends at the best one that works, when all is quiet', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const pair = play(run, () => undefined);
        pair.happen({ what: 'wait', who: 0, steps: recoverySteps + 4 });
        const lanCounts = pair.history.some(({ what }) => what === 'lan-answer');
        const working = numbers.filter((n) => {
          const truth = pair.truths[n];
          return truth?.attached === true && !truth.draining && truth.link && (lanCounts ? truth.lan : truth.answersPings);
        });
        if (working.length === 0) return;
        for (const pool of pools) {
          const owners = pair.ownersOf(pool.id);
          if (pool.sharing) assert.deepEqual(owners, working);
          else {
            const [best] = pool.candidates.map((endpoint) => endpoints.indexOf(endpoint)).filter((n) => working.includes(n));
            assert.deepEqual(owners, [best]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
