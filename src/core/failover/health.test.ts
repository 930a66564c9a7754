import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { Health } from './health.ts';
import { attached, detached, newHealth, probed, probeTimeout, roundTrip } from './health.ts';
import { defaultFailoverTimings as timings } from './timings.ts';
import { healthSentence } from './words.ts';

const tunnel = '100.96.0.100' as AddressText;
const router = '10.0.0.1' as AddressText;

/** Plays a connector in words: `up`, `down`, `t` and `r` answers of tunnel and router, `T` and `R` their misses, `wait`. Each takes 200 ms. */
function play(script: string, { credible = true, isSuspect = false, roundTripMs = 5 } = {}): Health {
  let now = 1_000_000;
  let health = newHealth({ tunnel, targets: [router] }, isSuspect, now);
  for (const word of script.split(' ')) {
    now += 200;
    if (word === 'wait') now += timings.recoveryMs;
    else if (word === 'up') health = attached(health, now);
    else if (word === 'down') health = detached(health, now);
    else {
      const address = word.toLowerCase() === 't' ? tunnel : router;
      const kind = word === word.toLowerCase() ? 'answered' : 'missed';
      const result = kind === 'answered' ? ({ kind, address, roundTripMs } as const) : ({ kind, address } as const);
      health = probed(health, result, () => credible, timings, now);
    }
  }
  return health;
}

const cases: readonly (readonly [name: string, script: string, state: string, options?: Parameters<typeof play>[1]])[] = [
  ['has just connected', 'up', 'new: unproven'],
  ['answers for the first time: it is trusted at once', 'up t r', 'healthy: answers'],
  ['was passed over before anybody remembers: it is not trusted at once', 'up r', 'recovering: answers', { isSuspect: true }],
  ['two misses are none', 'up r R R r R R', 'healthy: answers'],
  ['three misses of what is behind it: the LAN is cut', 'up r t R t R t R', 'unhealthy: target-silent'],
  ['three misses of all', 'up r t T R T R T R', 'unhealthy: tunnel-silent'],
  ['its own address alone is silent while what is behind it answers', 'up t r T r T r T r T', 'healthy: answers'],
  ['what is behind it never answered anybody: only the tunnel decides', 'up t R R R R', 'healthy: answers', { credible: false }],
  ['and the tunnel is enough to fail', 'up t T T T', 'unhealthy: tunnel-silent', { credible: false }],
  ['its own address is no proof while what is behind it is silent', 'up r R R R t t t', 'unhealthy: target-silent'],
  ['never answered at all: it may not answer pings', 'up T T T', 'recovering: never-answered', { credible: false }],
  ['and is trusted when it does after all', 'up T T T t', 'healthy: answers', { credible: false }],
  ['misses of its last tunnel are not counted on', 'up T T T down up T', 'unhealthy: unproven', { credible: false }],
  ['answers again', 'up r R R R r', 'recovering: answers'],
  ['has answered for long enough', 'up r R R R r wait r', 'healthy: answers'],
  ['fails again while it recovers: the time begins anew', 'up r R R R r wait R R R r r', 'recovering: answers'],
  ['its tunnel is gone', 'up r down', 'unhealthy: detached'],
  ['is back, nothing has answered yet', 'up r down up', 'unhealthy: unproven'],
  ['is back and only it answers: what is behind it did so through the tunnel before', 'up r down up t', 'unhealthy: unproven'],
  ['is back and answers', 'up r down up r', 'recovering: answers'],
  ['answers after it is gone: late news', 'up r down r', 'unhealthy: detached'],
];

describe('health of a connector', () => {
  for (const [name, script, expected, options] of cases) {
    it(name, () => {
      const { state, cause } = play(script, options);
      assert.equal(`${state}: ${cause.kind}`, expected);
    });
  }

  it('waits four times the usual round trip for an answer, 200 ms at least, and patiently for what does not answer', () => {
    assert.equal(probeTimeout(play('up r'), timings), 200);
    assert.equal(probeTimeout(play('up r', { roundTripMs: 160 }), timings), 650);
    assert.equal(probeTimeout(play('up r', { roundTripMs: 9_000 }), timings), 4_000);
    for (const script of ['up', 'up r R R R']) assert.equal(probeTimeout(play(script), timings), timings.patientTimeoutMs);
  });

  it('tells the last round trip to what is farthest behind it', () => {
    assert.equal(roundTrip(play('up t')), 5);
    assert.equal(roundTrip(play('up R T')), null);
  });

  it('says in a sentence what is probed and what came of it', () => {
    const said = (script: string, credible = true) => healthSentence(play(script, { credible }), () => credible);
    assert.deepEqual(
      [said('up r'), said('up r t R t R t R'), said('up t T T T', false), said('up r R R R r'), said('up r down')],
      [
        '10.0.0.1 answers',
        'it answers, but 10.0.0.1 behind it does not: its LAN is cut',
        'nothing answers through its tunnel: 100.96.0.100',
        '10.0.0.1 answers again; it is trusted when that has lasted',
        'it is not connected',
      ],
    );
    assert.equal(
      said('up t', false),
      'its tunnel address 100.96.0.100 answers; 10.0.0.1 behind it has never answered through any connector of the network and does not count',
    );
  });
});
