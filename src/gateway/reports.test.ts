import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayReport, SessionReport } from '../contract/gateway.ts';
import { Reporter } from './reports.ts';
import { establishedReport } from './session-report.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 3);

function reportOf(index: number, state: SessionReport['state'] = 'established'): SessionReport {
  return {
    ...establishedReport(exampleSession(configuration, endpointNamed(configuration, 'device', index))),
    key: `u0:1:${String(index)}`,
    state,
  };
}

/** A reporter and what arrived, with a controller that can be away. */
function rig(live: readonly SessionReport[] = []) {
  const arrived: GatewayReport[] = [];
  const state = { away: false, tries: 0 };
  const reporter = new Reporter({
    client: {
      post: (_path, body) => {
        state.tries += 1;
        if (state.away) return Promise.reject(new Error('away'));
        arrived.push(body as GatewayReport);
        return Promise.resolve(undefined);
      },
    },
    current: () => ({ appliedRevision: 1, lanes: [], connectors: [], pools: [], problems: [], trusts: [] }),
    liveSessions: () => [...live],
    log: { info: () => undefined, warn: () => undefined },
    collectMs: 10,
  });
  return { reporter, arrived, state };
}

describe('reporter', () => {
  it('begins with everything, collects what comes close together, and then tells changes only', async () => {
    const { reporter, arrived } = rig([reportOf(0)]);
    reporter.full();
    await until('the first report', () => arrived.length === 1);
    assert.deepEqual([arrived[0]?.full, arrived[0]?.sessions.length], [true, 1]);
    for (const index of [0, 1, 2]) reporter.session(reportOf(index));
    reporter.session(reportOf(1, 'ended'));
    reporter.session(reportOf(1, 'established'));
    await until('the second report', () => arrived.length === 2);
    assert.equal(arrived[1]?.full, false);
    assert.deepEqual(
      arrived[1]?.sessions.map(({ key, state }) => `${key} ${state}`).sort(),
      ['u0:1:0 established', 'u0:1:1 ended', 'u0:1:2 established'],
      'an end is not overtaken by what came before it',
    );
    await reporter.stop();
  });

  it('keeps what could not be told, and tells it with everything else later', async () => {
    const { reporter, arrived, state } = rig([reportOf(0)]);
    state.away = true;
    reporter.session(reportOf(1, 'ended'));
    await until('it was tried', () => state.tries === 1);
    assert.equal(arrived.length, 0);
    state.away = false;
    reporter.session(reportOf(2, 'ended'));
    const report = await until('all has arrived', () => arrived.find(({ sessions }) => sessions.length === 3));
    assert.equal(report.full, true);
    await reporter.stop();
  });

  it('is not lost when something is asked for while a report is under way', async () => {
    const { reporter, arrived } = rig();
    reporter.soon(0);
    await until('the first', () => arrived.length === 1);
    reporter.session(reportOf(0));
    reporter.full();
    await until('the change has arrived', () => arrived.some(({ sessions }) => sessions.length === 1));
    await reporter.stop();
  });
});
