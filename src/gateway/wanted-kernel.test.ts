import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelOwnership } from './kernel/ownership.ts';
import { SessionTable } from './session-table.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';
import { WantedKernel } from './wanted-kernel.ts';

test('the same wish is the same value, until something that it follows from changes', () => {
  const configuration = exampleConfiguration(1, 2);
  const sessions = new SessionTable();
  const wanted = new WantedKernel();
  const inputs = { own: kernelOwnership(1), configuration, sessions, owners: new Map(), alive: new Set<never>() };
  const ask = (changes: { configuration?: typeof configuration; running?: ReadonlySet<'u0'> } = {}) =>
    wanted.of({ ...inputs, running: new Set(), undecided: new Set(), ...changes });

  const first = ask();
  assert.equal(ask(), first);
  assert.equal(wanted.last, first);
  sessions.add({ ...exampleSession(configuration, endpointNamed(configuration, 'device', 0)), state: 'established' });
  const connected = ask();
  assert.notEqual(connected, first);
  assert.equal(connected.sessions.length, 1);
  assert.notEqual(ask({ running: new Set(['u0']) }), connected);
  const newer = ask({ configuration: { ...configuration, revision: configuration.revision + 1 } });
  assert.deepEqual(
    [first, newer].map((each) => wanted.revisionOf(each)),
    [configuration.revision, configuration.revision + 1],
  );
});
