import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { pushedTo } from '../core/pushed-options.ts';
import { SessionSteward } from './session-steward.ts';
import type { NewSession } from './session-table.ts';
import { SessionTable } from './session-table.ts';
import type { Session } from './session.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(2, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);
const [first] = Object.values(configuration.prefixes);
assert.ok(first !== undefined);
const withPrefix: GatewayConfiguration = {
  ...configuration,
  prefixes: { ...configuration.prefixes, ['10.77.0.0/16' as PrefixText]: first },
};

function laneless(from: GatewayConfiguration): GatewayConfiguration {
  const endpoint = from.endpoints[hq];
  assert.ok(endpoint?.kind === 'connector');
  return { ...from, endpoints: { ...from.endpoints, [hq]: { ...endpoint, lane: null } } };
}

/** A steward with lanes that note what they are told; `updates` is what they answer. */
function rig(options: { readonly updates?: boolean; readonly handoverMs?: number; readonly supersededMs?: number } = {}) {
  const { updates = true, handoverMs = 60_000, supersededMs = 0 } = options;
  const sessions = new SessionTable();
  const told: string[] = [];
  const held = { configuration };
  const stopping = new AbortController();
  const steward = new SessionSteward({
    sessions,
    lanes: () => ({
      kill: (session, how) => Promise.resolve(void told.push(`${session.lane} ${how}`)),
      update: (session, chunks) => {
        told.push(`${session.lane} update ${String(chunks.length)}`);
        return Promise.resolve(updates);
      },
    }),
    configuration: () => held.configuration,
    settings: { supersededMs, handoverMs, handoverStayMs: 60_000 },
    log: { info: () => undefined, warn: () => undefined },
    nameOf: (endpoint) => endpoint,
    stir: (address) => told.push(`stir ${address}`),
    signal: stopping.signal,
  });
  const judge = (next: GatewayConfiguration) => {
    held.configuration = next;
    return steward.judge(next);
  };
  return { sessions, steward, told, judge, stop: () => stopping.abort() };
}

function begin(endpoint: typeof hq, changes: Partial<Session>): NewSession {
  const { key: _key, order: _order, ...session } = exampleSession(configuration, endpoint, changes);
  return { ...session, state: 'accepted' };
}

function bobs(changes: Partial<Session> = {}): NewSession {
  const endpoint = configuration.endpoints[bob];
  assert.ok(endpoint !== undefined);
  return begin(bob, { pushed: pushedTo(configuration, endpoint), ...changes });
}

describe('steward of sessions', () => {
  it('restarts a client once, however many changes it has to learn, and says why it ended', () => {
    const { sessions, steward, told, judge } = rig();
    const session = sessions.add(bobs());
    judge(withPrefix);
    judge({ ...withPrefix, revision: 9 });
    assert.deepEqual(told, ['u0 RESTART']);
    assert.equal(steward.ended(session, 'disconnected'), 'routes-changed');
    assert.equal(steward.ended(session, 'disconnected'), 'disconnected');
  });

  it('updates a client that takes updates, once for each change', () => {
    const { sessions, told, judge } = rig();
    const { key } = sessions.add(bobs({ peer: { pushUpdate: true } }));
    judge(withPrefix);
    judge({ ...withPrefix, revision: 9 });
    assert.deepEqual(told, ['u0 update 1']);
    assert.ok(sessions.byKey(key)?.pushed?.routes.includes('10.77.0.0/16' as PrefixText));
    const many = Array.from({ length: 20 }, (_, index) => [`10.${String(100 + index)}.2.0/24`, first] as const);
    judge({ ...configuration, prefixes: { ...configuration.prefixes, ...Object.fromEntries(many) } });
    assert.deepEqual(told.slice(1), ['u0 update 4', 'stir 100.96.16.1']);
  });

  it('restarts a client whose lane cannot send updates', async () => {
    const { sessions, told, judge } = rig({ updates: false });
    sessions.add(bobs({ peer: { pushUpdate: true } }));
    judge(withPrefix);
    await until('it is restarted', () => told.includes('u0 RESTART'));
    assert.deepEqual(told, ['u0 update 1', 'u0 RESTART']);
  });

  it('names those to be cut and tells them nothing yet', () => {
    const { sessions, told, judge } = rig();
    const { key } = sessions.add(bobs());
    const cut = judge({ ...configuration, certificates: {} });
    assert.deepEqual(
      cut.map(({ session, how, reason }) => [session.key, how, reason]),
      [[key, 'HALT', 'revoked']],
    );
    assert.deepEqual(told, []);
  });

  it('restarts our agent on a shared lane only if it does not hand over in time, and still lacks something', async () => {
    const shared = { lane: 't0', owns: ['10.0.0.0/18' as PrefixText], peer: { agent: true } } as const;
    // Only who has no lane of its own is asked to hand over.
    const [before, after] = [laneless(configuration), laneless(withPrefix)];
    const mended = rig({ handoverMs: 20 });
    mended.sessions.add(begin(hq, shared));
    mended.judge(after);
    mended.judge(before);
    const moved = rig({ handoverMs: 20 });
    const old = moved.sessions.add(begin(hq, shared));
    moved.sessions.establish(old.key, {});
    moved.judge(after);
    moved.sessions.establish(moved.sessions.add(begin(hq, { lane: 'h0', peer: { agent: true } })).key, {});
    // Its time is over after that of the others.
    const still = rig({ handoverMs: 60 });
    still.sessions.add(begin(hq, shared));
    still.judge(after);
    still.judge({ ...after, revision: 9 });
    assert.deepEqual(still.told, []);
    await until('it is restarted', () => still.told.length > 0);
    assert.deepEqual([still.told, mended.told, moved.told], [['t0 RESTART'], [], []]);
  });

  it('ends a superseded session of a stock client soon, one of our agent later, and none that has its routes back', async () => {
    const { sessions, steward, told, stop } = rig({ supersededMs: 10 });
    const stock = sessions.add(bobs());
    sessions.establish(stock.key, {});
    const newer = sessions.add(bobs({ lane: 'u1' }));
    sessions.establish(newer.key, {});
    const agent = sessions.add(begin(hq, { lane: 'c0', peer: { agent: true } }));
    sessions.establish(agent.key, {});
    const next = sessions.add(begin(hq, { lane: 'h0', peer: { agent: true } }));
    sessions.establish(next.key, {});
    steward.superseded(agent, next);
    steward.superseded(stock, newer);
    await until('the stock client is ended', () => told.includes('u0 HALT'));
    assert.deepEqual(told, ['u0 HALT']);
    stop();

    const again = rig({ supersededMs: 0, handoverMs: 0 });
    const old = again.sessions.add(begin(hq, { lane: 'c0', peer: { agent: true } }));
    again.sessions.establish(old.key, {});
    again.steward.superseded(old, undefined);
    const left = again.sessions.add(bobs());
    again.sessions.establish(left.key, {});
    const taken = again.sessions.add(bobs({ lane: 'u1' }));
    again.sessions.establish(taken.key, {});
    again.steward.superseded(left, undefined);
    await until('the one that is superseded is ended', () => again.told.includes('u0 RESTART'));
    assert.deepEqual(again.told, ['u0 RESTART'], 'the one that is established is not');
  });
});
